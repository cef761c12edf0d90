//! Commands on one stream queue in this process, so that only other processes can be in each other's way.

use domain::stream::StreamId;
use std::hash::{BuildHasher, RandomState};
use tokio::sync::{Mutex, MutexGuard};

const QUEUES: usize = 1_024;

/// A fixed number of queues; streams share them by chance.
pub(super) struct StreamQueues {
    queues: Vec<Mutex<()>>,
    hash: RandomState,
}

impl Default for StreamQueues {
    fn default() -> Self {
        Self { queues: (0..QUEUES).map(|_| Mutex::new(())).collect(), hash: RandomState::new() }
    }
}

impl StreamQueues {
    /// Waits for one's turn; the turn ends when what is returned is dropped.
    pub(super) async fn turn(&self, stream: StreamId) -> Option<MutexGuard<'_, ()>> {
        let queues = self.queues.len().max(1) as u64;
        let at = usize::try_from(self.hash.hash_one(stream) % queues).unwrap_or_default();
        match self.queues.get(at) {
            Some(queue) => Some(queue.lock().await),
            None => None,
        }
    }
}
