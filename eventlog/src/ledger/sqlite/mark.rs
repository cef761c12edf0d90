//! The mark beside a ledger: the last record that was acknowledged.
//!
//! SQLite ends its write-ahead log at the first frame that does not fit its checksum, and takes all
//! that follows for never committed: there, one flipped bit would silently lose facts that callers
//! were told are durable. So the writer notes the last record of each commit before it answers, and
//! a ledger that lacks the record is not opened.
//!
//! The mark is written without waiting for the disk. It survives the end of the process; after a
//! power cut it may be an older one, which any ledger that holds more fits as well. It is never
//! ahead of the disk, since it is written after the commit is there.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::{OpenError, file, rows};
use crate::ledger::{Leaf, Position, StoredRecord};

/// What a mark begins with; counted up when its form changes.
const TAG: [u8; 4] = *b"CFH1";
/// Bytes of a mark: tag, position (8, big-endian), leaf (32), and the first 4 bytes of the SHA-256
/// of all these.
const LENGTH: usize = 48;

/// The last record that was acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    position: Position,
    leaf: Leaf,
}

impl Mark {
    /// The mark of a record.
    pub(super) fn of(record: &StoredRecord) -> Self {
        Self { position: record.position, leaf: record.leaf }
    }

    fn encode(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let parts = TAG.into_iter().chain(self.position.0.to_be_bytes()).chain(self.leaf.0);
        for (to, from) in bytes.iter_mut().zip(parts.chain(self.checksum())) {
            *to = from;
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (leaf, checksum) = rest.split_first_chunk()?;
        let mark = Self { position: Position(u64::from_be_bytes(*position)), leaf: Leaf(*leaf) };
        (*tag == TAG && checksum == mark.checksum()).then_some(mark)
    }

    fn checksum(self) -> [u8; 4] {
        let position = self.position.0.to_be_bytes();
        let [a, b, c, d, ..]: [u8; 32] = Sha256::new()
            .chain_update(TAG)
            .chain_update(position)
            .chain_update(self.leaf.0)
            .finalize()
            .into();
        [a, b, c, d]
    }
}

/// Where the writer notes the mark.
pub(super) struct MarkFile {
    file: File,
    path: PathBuf,
    is_failing: bool,
}

impl MarkFile {
    /// Opens the file beside a ledger, and makes it if there is none. What it says stays.
    pub(super) fn beside(ledger: &Path) -> Result<Self, OpenError> {
        let path = path_beside(ledger);
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        match opened {
            Ok(file) => Ok(Self { file, path, is_failing: false }),
            Err(source) => Err(OpenError::NoMark { path, source }),
        }
    }

    /// Overwrites the mark. If that fails the old one stays in force: it protects less, but what it
    /// says is still so, and the commit that it follows is durable.
    pub(super) fn note(&mut self, mark: Mark) {
        let noted = self.file.write_all_at(&mark.encode(), 0);
        if let (Err(error), false) = (&noted, self.is_failing) {
            tracing::warn!(%error, mark = %self.path.display(), "the ledger's mark cannot be written");
        }
        self.is_failing = noted.is_err();
    }
}

/// What the mark beside a ledger said before the ledger was opened.
pub(super) struct Noted<'p> {
    ledger: &'p Path,
    /// Or why there is none.
    mark: Result<Mark, String>,
}

impl<'p> Noted<'p> {
    /// Reads it. Must come before any look at the ledger, which may grow meanwhile.
    pub(super) fn beside(ledger: &'p Path) -> Self {
        let mark = match fs::read(path_beside(ledger)) {
            Ok(bytes) => Mark::decode(&bytes).ok_or_else(|| "it is damaged".to_owned()),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Err("it is not there".to_owned()),
            Err(err) => Err(err.to_string()),
        };
        Self { ledger, mark }
    }

    /// Refuses a ledger that is gone, or empty, where there was one. Must come before SQLite opens
    /// it, which deletes the write-ahead log of an empty file.
    pub(super) fn check_presence(&self) -> Result<(), OpenError> {
        if 0 < length(self.ledger) {
            return Ok(());
        }
        if let Ok(mark) = self.mark {
            return Err(self.shorter(mark, Position(0)));
        }
        let log = file::beside(self.ledger, "-wal");
        if length(&log) == 0 {
            return Ok(());
        }
        let why = format!("it is empty, but the log `{}` beside it is not; put it back", log.display());
        Err(OpenError::Damaged { path: self.ledger.to_owned(), why })
    }

    /// Refuses a ledger that lacks the record of the mark.
    pub(super) fn check(&self, connection: &Connection, head: Position) -> Result<(), OpenError> {
        match &self.mark {
            Ok(mark) if head < mark.position => Err(self.shorter(*mark, head)),
            Ok(mark) => self.check_leaf(connection, *mark),
            Err(why) => {
                if Position(0) < head {
                    let (ledger, mark) = (self.ledger.display(), path_beside(self.ledger));
                    tracing::warn!(%ledger, mark = %mark.display(), %why, "the ledger has no mark of its end");
                }
                Ok(())
            }
        }
    }

    fn check_leaf(&self, connection: &Connection, mark: Mark) -> Result<(), OpenError> {
        let leaf =
            rows::leaf(connection, mark.position).map_err(|source| file::engine(self.ledger, source))?;
        if leaf.as_slice() == mark.leaf.0 {
            return Ok(());
        }
        let (path, at) = (self.ledger.to_owned(), mark.position);
        Err(OpenError::OtherRecord { path, mark: path_beside(self.ledger), position: at })
    }

    fn shorter(&self, mark: Mark, head: Position) -> OpenError {
        let (path, seen) = (self.ledger.to_owned(), mark.position);
        OpenError::Shorter { path, mark: path_beside(self.ledger), head, seen }
    }
}

fn path_beside(ledger: &Path) -> PathBuf {
    file::beside(ledger, "-head")
}

/// The length of a file, 0 if there is none. What cannot be looked at is for SQLite to complain of.
fn length(path: &Path) -> u64 {
    match fs::metadata(path) {
        Ok(found) => found.len(),
        Err(err) if err.kind() == io::ErrorKind::NotFound => 0,
        Err(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Mark = Mark { position: Position(0x0102_0304_0506_0708), leaf: Leaf([0xab; 32]) };

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        assert_eq!(Mark::decode(&MARK.encode()), Some(MARK));
    }

    #[test]
    fn the_form_of_a_mark_stays_as_it_is() {
        let mut form = b"CFH1\x01\x02\x03\x04\x05\x06\x07\x08".to_vec();
        form.extend([0xab; 32]);
        form.extend([0x9b, 0xcd, 0x79, 0x0d]);
        assert_eq!(MARK.encode()[..], form);
    }

    #[test]
    fn a_mark_with_a_flipped_bit_or_another_length_is_none() {
        let whole = MARK.encode();
        for bit in 0..8 * LENGTH {
            let mut flipped = whole;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Mark::decode(&flipped), None, "bit {bit}");
        }
        for cut in 0..LENGTH {
            assert_eq!(Mark::decode(&whole[..cut]), None, "{cut} bytes");
        }
        assert_eq!(Mark::decode(&[&whole[..], b"x"].concat()), None);
    }

    #[test]
    fn a_mark_is_overwritten_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let mut file = MarkFile::beside(&ledger).unwrap();
        for mark in [MARK, Mark { position: Position(2), ..MARK }] {
            file.note(mark);
            assert_eq!(Noted::beside(&ledger).mark, Ok(mark));
        }
        assert_eq!(fs::metadata(folder.path().join("ledger.db-head")).unwrap().len(), 48);
    }
}
