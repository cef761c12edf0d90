//! What the followers of one lane share.

use parking_lot::Mutex;
use tokio::sync::Mutex as Turn;

use super::reader::Reader;
use super::ring::Ring;

/// The reader at the end of a lane, and what it has opened.
#[derive(Default)]
pub(super) struct LaneShared {
    pub(super) ring: Mutex<Ring>,
    /// Whoever has the turn reads for all.
    pub(super) reader: Turn<Option<Reader>>,
}
