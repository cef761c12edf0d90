//! The ledger as facts: records read in order, checked against the log's own copies, opened.
//!
//! All that follows the ledger reads it here, so there is one decoder, and what was decoded lately is
//! decoded once for all who follow.

mod decode;
mod ring;

use std::sync::Arc;

use bytes::Bytes;
use domain::fact::Recorded;
use eventlog::{EventLog, Leaf, Limit, Position, ReadError, StoredRecord};
use parking_lot::Mutex;
use schemas::record::Fresh;
use schemas::sealing::{Keyring, KeyringError};
use tokio::sync::{Mutex as Turn, watch};

pub use decode::parse;
use ring::Ring;

/// Who is at most this many records behind the head follows it, and shares the work with the others.
const FOLLOWING: u64 = 1_024;

/// One fact of the ledger, opened.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Its rank in the ledger.
    pub position: Position,
    /// The hash of its record.
    pub leaf: Leaf,
    /// Its kind with its version, such as `token.issued.v1`.
    pub kind: &'static str,
    /// What stands in clear, as JSON, as it is stored: a part of the record, not a copy.
    pub data: Bytes,
    /// The fact with all around it; what was erased is [`Erased`](domain::erasable::Erasable::Erased).
    pub recorded: Arc<Recorded>,
}

/// Some consecutive facts.
#[derive(Clone, Debug)]
pub struct FeedPage {
    /// The facts, in the order of their positions. Empty: there is no more.
    pub events: Vec<Arc<Event>>,
    /// The last position that the ledger had when the page was read.
    pub head: Position,
    /// The bytes of the records of the page.
    pub bytes: usize,
}

/// Why a page could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The keys that open it cannot be had.
    #[error("the keys of the records cannot be had")]
    Keys(#[from] KeyringError),
    /// A record is not what the ledger says of it, or is no record that this program can read.
    #[error("the record at position {position} cannot be read: {why}")]
    Damaged {
        /// Where.
        position: Position,
        /// What does not fit.
        why: String,
    },
}

/// The ledger and the keys that open it.
pub struct Feed {
    log: Arc<dyn EventLog>,
    keyring: Arc<Keyring>,
    fresh: Arc<Fresh>,
    ring: Mutex<Ring>,
    turn: Turn<()>,
}

impl Feed {
    /// A feed of that ledger, opened with the keys of that ring.
    pub fn new(log: Arc<dyn EventLog>, keyring: Arc<Keyring>) -> Self {
        Self { log, keyring, fresh: Arc::default(), ring: Mutex::default(), turn: Turn::new(()) }
    }

    /// Takes the facts of this process from there, rather than open and decode what it has just made.
    #[must_use]
    pub fn knowing(self, fresh: Arc<Fresh>) -> Self {
        Self { fresh, ..self }
    }

    /// The facts after a position, in order, without gaps; at least one where there is one.
    ///
    /// A page ends before a record that cannot be read; the next one, that would begin with it, is
    /// the error.
    ///
    /// # Errors
    /// When the position is beyond the head, or the ledger, the keys or the first record cannot be
    /// read.
    pub async fn page(&self, after: Position, limit: Limit) -> Result<FeedPage, FeedError> {
        let head = *self.log.head().borrow();
        if after.0.saturating_add(FOLLOWING) < head.0 {
            return self.read(after, limit).await;
        }
        if let Some(page) = self.decoded(after, limit, head) {
            return Ok(page);
        }
        // Whoever comes second finds decoded what the first one read.
        let _turn = self.turn.lock().await;
        match self.decoded(after, limit, head) {
            Some(page) => Ok(page),
            None => self.read(after, limit).await,
        }
    }

    /// The position of the last record: a hint that may lag, but not for ever, and never falls.
    pub fn head(&self) -> watch::Receiver<Position> {
        self.log.head()
    }

    /// Lets go of all that is decoded, so that no text outlives its key here.
    pub fn forget_decoded(&self) {
        self.fresh.forget();
        self.ring.lock().clear();
    }

    fn decoded(&self, after: Position, limit: Limit, head: Position) -> Option<FeedPage> {
        self.ring.lock().after(after, limit, head)
    }

    /// Reads from the log and remembers it:
    ///
    /// ```text
    /// t0  A: asks for ada's key         t1  B: forgets ada's key, then what is decoded
    /// t2  A: opens, and would remember  so A sees that the generation moved, and does not
    /// ```
    async fn read(&self, after: Position, limit: Limit) -> Result<FeedPage, FeedError> {
        let generation = self.ring.lock().generation();
        let page = self.log.read_all(after, limit).await?;
        self.withhold_erased(&page.records);
        let opened = decode::open(&self.keyring, &self.fresh, &page.records).await?;
        self.ring.lock().keep(generation, &opened);
        let bytes = opened.iter().map(|it| it.bytes).sum();
        let events = opened.into_iter().map(|it| it.event).collect();
        Ok(FeedPage { events, head: page.head, bytes })
    }
}

impl Feed {
    /// The key of a subject that is erased by one of these facts may still be there, and others may still have sealed
    /// something with it: from this fact on nobody is given it. Whoever follows the ledger beyond such a fact has
    /// read it, or began after its key was gone, so that no view ever opens what a later one could not.
    fn withhold_erased(&self, records: &[StoredRecord]) {
        let mut is_news = false;
        for subject in records.iter().filter_map(decode::erased) {
            is_news |= self.keyring.withhold(&subject);
        }
        if is_news {
            self.forget_decoded();
        }
    }
}

/// A fact and the size of its record.
#[derive(Clone)]
struct Opened {
    event: Arc<Event>,
    bytes: usize,
}

#[cfg(test)]
mod tests;
