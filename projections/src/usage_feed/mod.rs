//! The usage log as decisions: blocks read in the order of their lane, decoded, opened.
//!
//! All that follows a lane reads it here, through a [`Follower`] that starts anywhere. Who stands
//! near the end of a lane shares one reader, so that a block is opened once for all of them; who is
//! far behind reads alone. Repeated blocks are dropped, entries of a segment that began earlier are
//! learned from its first block, and nothing that cannot be read is passed over.

mod block;
mod error;
mod follower;
mod lane;
mod reader;
mod ring;

use std::collections::BTreeMap;
use std::sync::Arc;

use eventlog::usage::{Lane, Place, UsageLog};
use parking_lot::Mutex;
use schemas::sealing::Keyring;
use schemas::usage::Block;
use tokio::sync::watch;

pub use block::{Mark, UsageBlock, UsagePage};
pub use error::UsageFeedError;
pub use follower::Follower;

use lane::LaneShared;
use reader::Readers;

/// The usage log and the keys that open it.
pub struct UsageFeed {
    log: Arc<dyn UsageLog>,
    keyring: Arc<Keyring>,
    lanes: Mutex<BTreeMap<Lane, Arc<LaneShared>>>,
    readers: Arc<Readers>,
    forgotten: watch::Sender<Vec<String>>,
}

impl UsageFeed {
    /// A feed of that log, opened with the keys of that ring.
    pub fn new(log: Arc<dyn UsageLog>, keyring: Arc<Keyring>) -> Self {
        let (lanes, readers, forgotten) = Default::default();
        Self { log, keyring, lanes, readers, forgotten }
    }

    /// The lanes that there are or will be, ascending.
    pub fn lanes(&self) -> Vec<Lane> {
        self.log.lanes()
    }

    /// The place of a lane's last block: a hint that may lag, but not for ever, and never falls.
    pub fn head(&self, lane: Lane) -> watch::Receiver<Place> {
        self.log.head(lane)
    }

    /// Follows a lane from a mark on; [`Mark::default`] is its beginning. Nothing is read yet.
    pub fn follow(self: &Arc<Self>, lane: Lane, mark: Mark) -> Follower {
        Follower::new(Arc::clone(self), lane, self.shared(lane), mark)
    }

    /// One block by its place, decoded, its personal data still sealed.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub async fn block_at(&self, lane: Lane, place: Place) -> Result<Block, UsageFeedError> {
        let missing = || UsageFeedError::Missing { lane, place };
        let before = Place(place.0.checked_sub(1).ok_or_else(missing)?);
        let stored = self.log.read(lane, before, 1).await?;
        let stored = stored.first().filter(|it| it.place == place).ok_or_else(missing)?;
        Block::decode(&stored.bytes).map_err(|source| UsageFeedError::Damaged { lane, place, source })
    }

    /// The ring of keys that opens what is read.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Notes who was erased before this start: before anything is opened of which they would have to be let go.
    pub fn forgot(&self, subjects: impl IntoIterator<Item = String>) {
        self.forgotten.send_modify(|list| list.extend(subjects));
    }

    /// Blanks what was sealed under `subject` in all that is held here, and lets go of what is
    /// opened: on `subject.erased`, once the key is withheld, so that no text outlives it.
    pub fn forget(&self, subject: &str) {
        self.readers.forget(subject);
        for it in self.lanes.lock().values() {
            it.ring.lock().clear();
        }
        // Last: whoever sees it there reads nothing of it any more.
        self.forgotten.send_if_modified(|list| {
            let is_news = !list.iter().any(|it| it == subject);
            is_news.then(|| list.push(subject.to_owned())).is_some()
        });
    }

    /// Who was erased before the process started, and since. Views that hold something of them are to let go of it.
    pub fn forgotten(&self) -> watch::Receiver<Vec<String>> {
        self.forgotten.subscribe()
    }

    fn shared(&self, lane: Lane) -> Arc<LaneShared> {
        Arc::clone(self.lanes.lock().entry(lane).or_default())
    }
}

#[cfg(test)]
mod tests;
