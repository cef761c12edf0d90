use eventlog::usage::{Lane, Place, ReadError};
use schemas::sealing::KeyringError;
use schemas::usage::BlockError;

/// Why decisions could not be had.
#[derive(Debug, thiserror::Error)]
pub enum UsageFeedError {
    /// The usage log cannot be read, or is damaged, or ends before the place asked for.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The keys that open it cannot be had.
    #[error("the keys of the decisions cannot be had")]
    Keys(#[from] KeyringError),
    /// A block is no block that this program can read.
    #[error("the block at {place} in lane {lane} of the usage log cannot be read")]
    Damaged {
        /// In which lane.
        lane: Lane,
        /// Where.
        place: Place,
        /// What is wrong with it.
        #[source]
        source: BlockError,
    },
    /// Something sealed in a block does not open although its key is there.
    #[error("an entry of `{subject}` in the block at {place} in lane {lane} of the usage log is forged")]
    Forged {
        /// In which lane.
        lane: Lane,
        /// Where.
        place: Place,
        /// Whose key it was to open with.
        subject: String,
    },
    /// A block is not there, or it builds on blocks that are not there.
    #[error("the block at {place} in lane {lane} of the usage log, or one that it builds on, is missing")]
    Missing {
        /// In which lane.
        lane: Lane,
        /// Where.
        place: Place,
    },
}
