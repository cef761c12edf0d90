//! What goes into the ledger and what comes back.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{AppendError, LARGEST_RECORD, Position, StreamName, Version};

/// A record to be appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRecord {
    /// The id of the event: random, made once, the same when the same bytes are sent again.
    pub event_id: [u8; 16],
    /// The record as it is stored for ever, at most [`LARGEST_RECORD`] bytes.
    pub bytes: Bytes,
}

/// Records for one stream that are stored together or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append {
    /// The stream that the records join.
    pub stream: StreamName,
    /// The version that the stream must have: exactly this one, 0 for a stream that begins.
    pub expected: Version,
    /// The records, at least one, in the order of their versions.
    pub records: Vec<NewRecord>,
}

impl Append {
    /// The version that the stream has once the records are stored.
    #[must_use]
    pub fn last_version(&self) -> Version {
        self.expected.plus(self.records.len())
    }

    /// Whether any engine may store it: every adapter asks this before anything else.
    ///
    /// # Errors
    /// When there is no record, or one is above [`LARGEST_RECORD`].
    pub fn check_size(&self) -> Result<(), AppendError> {
        if self.records.is_empty() {
            return Err(AppendError::Empty);
        }
        match self.records.iter().find(|it| it.bytes.len() > LARGEST_RECORD) {
            None => Ok(()),
            Some(large) => Err(AppendError::TooLarge { bytes: large.bytes.len(), limit: LARGEST_RECORD }),
        }
    }
}

/// Where an append ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The position of its last record.
    pub position: Position,
    /// The version of its last record.
    pub version: Version,
}

/// A record as it is stored. Cloning it copies no bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRecord {
    /// Its rank in the whole log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// Its rank in its stream.
    pub version: Version,
    /// The id of the event.
    pub event_id: [u8; 16],
    /// The hash stored beside the bytes, and found to fit them.
    pub leaf: Leaf,
    /// The record, byte for byte as it was appended.
    pub bytes: Bytes,
}

/// The hash of a record's bytes as a leaf of a Merkle tree, RFC 6962 §2.1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Leaf(pub [u8; 32]);

impl Leaf {
    /// SHA-256 over a zero byte and the record. The zero byte keeps leaves apart from the nodes
    /// above them.
    #[must_use]
    pub fn of(record: &[u8]) -> Self {
        let hash = Sha256::new().chain_update([0x00]).chain_update(record);
        Self(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaf hash of the empty record, as the test vectors of certificate transparency have it.
    const EMPTY_LEAF: [u8; 32] = [
        0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3, 0x7a, 0x98, 0x9c, 0xa5, 0x44, 0xe6, 0xbb, 0x78, 0x0a, 0x2c, 0x78,
        0x90, 0x1d, 0x3f, 0xb3, 0x37, 0x38, 0x76, 0x85, 0x11, 0xa3, 0x06, 0x17, 0xaf, 0xa0, 0x1d,
    ];

    fn an_append_of(sizes: &[usize]) -> Append {
        let records =
            sizes.iter().map(|size| NewRecord { event_id: [7; 16], bytes: Bytes::from(vec![b'x'; *size]) });
        Append { stream: StreamName::new("token-1"), expected: Version(4), records: records.collect() }
    }

    #[test]
    fn the_leaf_of_an_empty_record_is_the_published_one() {
        assert_eq!(Leaf::of(b""), Leaf(EMPTY_LEAF));
    }

    #[test]
    fn an_append_ends_at_the_version_of_its_last_record() {
        assert_eq!(an_append_of(&[1, 1]).last_version(), Version(6));
    }

    #[test]
    fn the_largest_record_fits_and_one_byte_more_does_not() {
        assert_eq!(an_append_of(&[LARGEST_RECORD]).check_size(), Ok(()));
        assert_eq!(
            an_append_of(&[1, LARGEST_RECORD + 1]).check_size(),
            Err(AppendError::TooLarge { bytes: 32_769, limit: 32_768 })
        );
    }

    #[test]
    fn an_append_without_records_is_refused() {
        assert_eq!(an_append_of(&[]).check_size(), Err(AppendError::Empty));
    }
}
