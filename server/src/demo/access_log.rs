//! The whole file: its lines, and those that cannot be read, by number.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, ensure};
use serde::Serialize;

use super::{
    line::{Line, Unreadable},
    tally::{self, Counted},
};

/// An access log in memory.
pub(super) struct AccessLog {
    /// The lines that can be asked about, in the file's order.
    pub(super) lines: Vec<Line>,
    /// The others.
    pub(super) unreadable: Vec<Unread>,
    bytes: Vec<u8>,
}

/// A line that cannot be asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Unread {
    /// Its number in the file, from 1.
    pub(super) line: usize,
    /// What is wrong with it.
    pub(super) reason: Unreadable,
}

impl AccessLog {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes =
            fs::read(path).with_context(|| format!("failed to read the access log `{}`", path.display()))?;
        let log = Self::parse(bytes);
        ensure!(!log.lines.is_empty(), "`{}` holds no line of an access log", path.display());
        Ok(log)
    }

    /// Reads the bytes of a file.
    pub(super) fn parse(bytes: Vec<u8>) -> Self {
        let (mut lines, mut unreadable) = (Vec::new(), Vec::new());
        for (number, text) in numbered(&bytes) {
            match Line::parse(number, text) {
                Ok(line) => lines.push(line),
                Err(reason) => unreadable.push(Unread { line: number, reason }),
            }
        }
        Self { lines, unreadable, bytes }
    }

    /// The numbers of the lines that end within a field.
    pub(super) fn cut_short(&self) -> Vec<usize> {
        self.lines.iter().filter(|it| it.cut_short).map(|it| it.number).collect()
    }

    /// The readable lines, counted a second time from the bytes.
    pub(super) fn count_apart(&self) -> Vec<Counted> {
        let except: BTreeSet<usize> = self.unreadable.iter().map(|it| it.line).collect();
        tally::count(&self.bytes, &except)
    }
}

/// Lines with their numbers, without their ends; what follows the last end is a line if it is not empty.
fn numbered(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines = text.split(|it| *it == b'\n').map(|it| it.strip_suffix(b"\r").unwrap_or(it));
    (1..).zip(lines).filter(|_| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[u8] = br#"192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "a""#;

    fn log(lines: &[&[u8]], end: &[u8]) -> AccessLog {
        AccessLog::parse(lines.iter().flat_map(|it| [*it, end].concat()).collect())
    }

    #[test]
    fn lines_that_cannot_be_read_are_named_by_number() {
        let log = log(&[GOOD, b"", b"junk", GOOD], b"\n");
        assert_eq!(log.lines.iter().map(|it| it.number).collect::<Vec<_>>(), [1, 4]);
        let reason = Unreadable::Client;
        assert_eq!(log.unreadable, [Unread { line: 2, reason }, Unread { line: 3, reason }]);
        assert_eq!(log.count_apart().len(), 2);
    }

    #[test]
    fn line_ends_of_any_kind_belong_to_no_line() {
        for end in [&b"\n"[..], b"\r\n"] {
            let log = log(&[GOOD, GOOD], end);
            assert_eq!((log.lines.len(), log.unreadable.len()), (2, 0));
            assert!(log.cut_short().is_empty());
        }
        assert_eq!(AccessLog::parse(GOOD.to_vec()).lines.len(), 1);
        assert!(AccessLog::parse(Vec::new()).unreadable.is_empty());
    }

    #[test]
    fn a_file_without_lines_and_no_file_are_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        assert!(
            AccessLog::read(&path)
                .is_err_and(|it| it.to_string().starts_with("failed to read the access log"))
        );
        fs::write(&path, "nothing of the kind\n").unwrap();
        assert!(
            AccessLog::read(&path)
                .is_err_and(|it| it.to_string().ends_with("holds no line of an access log"))
        );
    }
}
