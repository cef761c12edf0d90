//! Why a snapshot is not used.

use std::io;

use eventlog::Position;
use schemas::sealing::KeyringError;

/// Why a snapshot is not used. The ledger says all that it would have said.
#[derive(Debug, thiserror::Error)]
pub enum Doubt {
    /// There is no file.
    #[error("there is none")]
    Missing,
    /// The file cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// It begins with something else.
    #[error("it is of another format")]
    OtherFormat,
    /// Another version of the program wrote it, and may have made something else of the same facts.
    #[error("version {0} of the program wrote it")]
    OtherProgram(String),
    /// It is of an earlier or later life of the ledger.
    #[error("it belongs to incarnation {found} of the ledger, not to {expected}")]
    OtherIncarnation {
        /// The incarnation that it says.
        found: u32,
        /// The incarnation that there is.
        expected: u32,
    },
    /// The ledger is shorter.
    #[error("it stands at position {position}, but the ledger ends at {head}")]
    BeyondHead {
        /// The position of the snapshot.
        position: Position,
        /// The last position of the ledger.
        head: Position,
    },
    /// The ledger holds another record where the snapshot was taken.
    #[error("the ledger holds another record at its position {position}")]
    OtherRecord {
        /// The position of the snapshot.
        position: Position,
    },
    /// It ends too early.
    #[error("it is cut short")]
    CutShort,
    /// Something in it is nothing that this program writes.
    #[error("its {0} cannot be read")]
    Malformed(&'static str),
    /// It was written under other keys, or something in it was changed.
    #[error("its tag does not fit: it was changed, or written under other keys")]
    Forged,
    /// A digest in it was made under a pepper that is not there.
    #[error("the pepper `{0}` is not among the keys")]
    PepperUnknown(String),
    /// The keys of the texts in it cannot be had.
    #[error("the data keys of its texts cannot be had")]
    Keys(#[source] KeyringError),
    /// The key of texts in it is gone: whether they were erased, the ledger says.
    #[error("the data key of `{0}` is not there")]
    KeyMissing(String),
}
