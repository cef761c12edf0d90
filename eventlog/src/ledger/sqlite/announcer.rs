//! Who learns of a commit, and in which order.

use std::sync::Arc;

use tokio::sync::watch;

use super::{mark::Mark, recent::Recent};
use crate::{
    ledger::{Position, StoredRecord},
    sqlite::MarkFile,
};

/// All that is told of a commit before its callers are answered.
pub(super) struct Announcer {
    /// The mark beside the file.
    pub(super) mark: MarkFile,
    /// What the newest part of the log holds.
    pub(super) recent: Arc<Recent>,
    /// Where followers see how far the log goes.
    pub(super) head: watch::Sender<Position>,
}

impl Announcer {
    /// Tells of records that have just been committed, in the order of their positions.
    ///
    /// The mark comes first: whatever anybody has seen, the next start will miss if it is gone.
    pub(super) fn announce(&mut self, committed: Vec<StoredRecord>) {
        let Some(last) = committed.last() else { return };
        let position = last.position;
        self.mark.note(&Mark::of(last).encode());
        self.recent.publish(committed.into_iter());
        self.head.send_replace(position);
    }
}
