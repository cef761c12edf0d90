//! The mark beside a ledger: the last record that was acknowledged.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{OpenError, file, rows};
use crate::{
    ledger::{Leaf, Position, StoredRecord},
    sqlite::{MarkFile, beside, read_mark, seal, unseal},
};

/// What a mark begins with; counted up when its form changes. Then come the position (8 bytes,
/// big-endian), the leaf (32), and the checksum (4).
const TAG: [u8; 4] = *b"CFH1";

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

    /// As it is written.
    pub(super) fn encode(self) -> Vec<u8> {
        seal(TAG, &[&self.position.0.to_be_bytes()[..], &self.leaf.0].concat())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (position, leaf) = unseal(TAG, bytes)?.split_first_chunk()?;
        Some(Self { position: Position(u64::from_be_bytes(*position)), leaf: Leaf(leaf.try_into().ok()?) })
    }
}

/// Opens the mark beside a ledger for its writer.
pub(super) fn note_beside(ledger: &Path) -> Result<MarkFile, OpenError> {
    let path = path_beside(ledger);
    MarkFile::open(path.clone()).map_err(|source| OpenError::NoMark { path, source })
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
        Self { ledger, mark: read_mark(&path_beside(ledger), Mark::decode) }
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
        let log = beside(self.ledger, "-wal");
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
    beside(ledger, "-head")
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
        for bit in 0..8 * whole.len() {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Mark::decode(&flipped), None, "bit {bit}");
        }
        for cut in 0..whole.len() {
            assert_eq!(Mark::decode(&whole[..cut]), None, "{cut} bytes");
        }
        assert_eq!(Mark::decode(&[&whole[..], b"x"].concat()), None);
    }

    #[test]
    fn a_mark_is_overwritten_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let mut file = note_beside(&ledger).unwrap();
        for mark in [MARK, Mark { position: Position(2), ..MARK }] {
            file.note(&mark.encode());
            assert_eq!(Noted::beside(&ledger).mark, Ok(mark));
        }
        assert_eq!(fs::metadata(folder.path().join("ledger.db-head")).unwrap().len(), 48);
    }
}
