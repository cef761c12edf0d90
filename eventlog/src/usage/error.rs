//! Why the usage log could not do what it was asked.

use super::{Lane, Place};

/// Why a block was not appended.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AppendError {
    /// The block is larger than any may be, or empty. Nothing was stored.
    #[error("a block of {bytes} bytes is not between 1 and {limit} bytes")]
    Size {
        /// The size of the block.
        bytes: usize,
        /// The largest size that is stored.
        limit: usize,
    },
    /// There is no such lane. Nothing was stored.
    #[error("there is no lane {0}")]
    NoLane(Lane),
    /// There is no space left, ballast included. The log goes on once there is space again.
    #[error("the usage log has no space left")]
    Full,
    /// The log cannot write now, or not any more; the text says why. Nothing was stored.
    #[error("the usage log takes no blocks: {0}")]
    Unavailable(String),
    /// Nobody knows whether the block is stored; the text says why.
    #[error("it is not known whether the usage log stored the block: {0}")]
    Unknown(String),
}

/// Why a usage log takes no blocks, or is about to take none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotWritable {
    /// The disk is or was full. Blocks may still be taken, where space was kept for that hour; but
    /// whatever can wait is to be refused. The text says why.
    #[error("the usage log is short of space: {0}")]
    Short(String),
    /// It takes none; the text says why.
    #[error("the usage log takes no blocks: {0}")]
    Stopped(String),
}

/// Why blocks could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadError {
    /// The log cannot be read now; the text says why.
    #[error("the usage log cannot be read: {0}")]
    Unavailable(String),
    /// What is stored is not what was appended, or something is missing. The block is never
    /// returned.
    #[error("lane {lane} of the usage log is damaged at {place}: {why}")]
    Damaged {
        /// In which lane.
        lane: Lane,
        /// Where.
        place: Place,
        /// What does not fit.
        why: String,
    },
    /// The caller has seen more than there is: it comes from another log, or this one lost its end.
    /// Never to be taken for "caught up".
    #[error("{asked} is beyond the end of lane {lane} of the usage log, {head}")]
    Beyond {
        /// In which lane.
        lane: Lane,
        /// The place that was to be read after.
        asked: Place,
        /// The last place that there is.
        head: Place,
    },
}
