//! The port that the recorder and the projections hold.

use async_trait::async_trait;
use tokio::sync::watch;

use super::{AppendError, Lane, NewBlock, NotWritable, Place, ReadError, StoredBlock};

/// The largest block that is stored, in bytes: a closed block has 24 KiB of rows and entries at
/// most, and nothing surrounds it that doubles it.
pub const LARGEST_BLOCK: usize = 64 * 1024;

/// Append-only lanes of blocks, held as `Arc<dyn UsageLog>`.
///
/// A lane is ordered and has one position for each block; lanes know nothing of each other. A block
/// is bytes: what they say is its writer's business. What every adapter promises is written down as
/// code in [`contract`](super::contract).
#[async_trait]
pub trait UsageLog: Send + Sync + 'static {
    /// Stores a block at the end of a lane, durably, and says where.
    ///
    /// A block whose append failed may have been stored all the same. It is to be sent again,
    /// unchanged, before the next one; it may then lie in the lane twice, and readers drop what is
    /// not above what they have read.
    ///
    /// # Errors
    /// When the block is not stored, or [`AppendError::Unknown`], which leaves it open.
    async fn append(&self, lane: Lane, block: NewBlock) -> Result<Place, AppendError>;

    /// The blocks of a lane after a place, in order: at most `blocks`, and at least one where there
    /// is one. Empty: there is no more. A lane that is none of [`lanes`](Self::lanes) has none.
    ///
    /// # Errors
    /// When the place is beyond the end of the lane, the log cannot be read, or a block is not what
    /// was appended.
    async fn read(&self, lane: Lane, after: Place, blocks: usize) -> Result<Vec<StoredBlock>, ReadError>;

    /// The lanes that there are or will be, ascending.
    fn lanes(&self) -> Vec<Lane>;

    /// The place of a lane's last block. A hint: it may lag behind the log, but not for ever, and
    /// it never falls. A lane that is none of [`lanes`](Self::lanes) stays at its beginning.
    fn head(&self, lane: Lane) -> watch::Receiver<Place>;

    /// Whether the log takes blocks, as far as it knows without trying: cheap, and without I/O.
    ///
    /// # Errors
    /// Why it takes none, or why it is about to take none.
    fn is_writable(&self) -> Result<(), NotWritable>;
}
