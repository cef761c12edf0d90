//! Why the ledger could not do what it was asked.

use super::{Position, StreamName, Version};

/// Why records were not appended.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream has another version. Nothing was stored: fold the stream and decide again.
    #[error("stream {stream} is at version {actual}, not {expected}")]
    Conflict {
        /// The stream that was to grow.
        stream: StreamName,
        /// The version that the caller took it to have.
        expected: Version,
        /// The version that it has.
        actual: Version,
    },
    /// A record is larger than any may be. Nothing was stored.
    #[error("a record of {bytes} bytes is above the limit of {limit} bytes")]
    TooLarge {
        /// The size of the record.
        bytes: usize,
        /// The largest size that is stored.
        limit: usize,
    },
    /// There was no record to append.
    #[error("an append needs at least one record")]
    Empty,
    /// There is no space left. Nothing was stored; the log goes on once there is space again.
    #[error("the ledger has no space left")]
    Full,
    /// The log cannot write now, or not any more; the text says why. Nothing was stored.
    #[error("the ledger takes no records: {0}")]
    Unavailable(String),
    /// Nobody knows whether the records are stored; the text says why. Sending the same bytes
    /// again, with the same ids and the same expected version, finds out.
    #[error("it is not known whether the ledger stored the records: {0}")]
    Unknown(String),
}

/// Why records could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadError {
    /// The log cannot be read now; the text says why.
    #[error("the ledger cannot be read: {0}")]
    Unavailable(String),
    /// What is stored is not what was appended. The record is never returned.
    #[error("the ledger is damaged at position {position}: {why}")]
    Damaged {
        /// Where.
        position: Position,
        /// What does not fit.
        why: String,
    },
    /// The caller has seen more than there is: it comes from another log, or this one lost its
    /// end. Never to be taken for "caught up".
    #[error("position {asked} is beyond the head of the ledger, {head}")]
    Beyond {
        /// The position that was to be read after.
        asked: Position,
        /// The last position that there is.
        head: Position,
    },
}
