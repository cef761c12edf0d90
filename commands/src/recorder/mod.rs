//! The recorder: every decision is taken in before it is answered, and becomes durable soon after.
//!
//! On a request's thread a decision is copied into a page under a short lock; nothing waits and nothing is written
//! there. The [`Writer`], on a thread of its own, takes the page away (when it has 1,000 rows, when its first row is
//! 100 ms old, or when somebody waits for it), makes sure that the data keys are durable, seals, encodes, and appends
//! block after block to the usage log, each unchanged until it is stored.
//!
//! When the oldest decision that is not durable is older than [`MOST_LACKING`], or [`MOST_WAITING`] bytes wait, the
//! recorder admits no further questions: what cannot be recorded is not decided.

mod desk;
mod segments;
mod standing;
mod starts;
mod subjects;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use domain::time::{Lifespan, Timestamp};
use eventlog::usage::{Lane, UsageLog};
use schemas::sealing::Keyring;
use schemas::usage::{Circumstances, Decided, Locator, NodeStart, Receipt, RequestIds};

use crate::clock::LedgerClock;
use desk::Desk;
pub use standing::Unready;
pub use writer::Writer;

/// A decision that is not durable after so long stops all further ones.
pub const MOST_LACKING: Lifespan = Lifespan::seconds(1);
/// Bytes of decisions that may wait to be written.
pub const MOST_WAITING: usize = 64 << 20;
/// How long an answer waits for its decision to be durable, where it must be.
const SETTLE_WITHIN: Duration = Duration::from_secs(1);
/// How long a stop waits until all is written.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// The lane of one node; more come with several nodes.
const LANE: Lane = Lane(0);
/// What stands for the lane in ids of requests that are no decisions: nothing is recorded under them.
const NO_LANE: u16 = u16::MAX;

/// When a decision must be durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// Within 250 ms of its answer; of unproven secrets the counts, within 250 ms of the end of their second.
    Grouped,
    /// Before its answer.
    Strict,
}

/// What a recorder is made of.
pub struct Parts {
    /// Where blocks lie.
    pub log: Arc<dyn UsageLog>,
    /// The keys of sealed entries.
    pub keyring: Arc<Keyring>,
    /// The time.
    pub clock: Arc<LedgerClock>,
    /// How a decision's place becomes the id of its request.
    pub request_ids: RequestIds,
    /// Eight fresh random bytes, noted durably before the first decision.
    pub node_start: NodeStart,
    /// Incarnation of the ledger that the gate's positions belong to.
    pub incarnation: u32,
    /// When a decision must be durable.
    pub durability: Durability,
}

/// Takes decisions in. Shared by all who answer.
pub struct Recorder {
    desk: Arc<Desk>,
    log: Arc<dyn UsageLog>,
    request_ids: RequestIds,
    node_start: NodeStart,
    durability: Durability,
    /// Counts requests that are no decisions.
    others: AtomicU64,
}

impl Recorder {
    /// A recorder, and the writer that must run until [`stop`](Self::stop).
    pub fn new(parts: Parts) -> (Self, Writer) {
        let Parts { log, keyring, clock, request_ids, node_start, incarnation, durability } = parts;
        let desk = Arc::new(Desk::default());
        let writer =
            Writer::new(Arc::clone(&desk), Arc::clone(&log), keyring, clock, node_start, incarnation);
        let others = AtomicU64::new(0);
        (Self { desk, log, request_ids, node_start, durability, others }, writer)
    }

    /// Whether a decision may be made now: asked before it is.
    ///
    /// # Errors
    /// When too much waits for too long, or the recorder has stopped.
    pub fn admit(&self, now: Timestamp) -> Result<(), Unready> {
        self.desk.standing.admit(now)
    }

    /// Takes a decision in. It waits for nobody but others who do the same, and never fails: what may not be recorded
    /// was not [admitted](Self::admit).
    pub fn record(&self, decided: &Decided, asked: &Circumstances<'_>) -> Receipt {
        self.desk.take(decided, asked)
    }

    /// Waits until all that was taken in is durable, where that must be so before an answer leaves.
    ///
    /// # Errors
    /// When that takes longer than a second.
    pub async fn settle(&self) -> Result<(), Unready> {
        match self.durability {
            Durability::Grouped => Ok(()),
            Durability::Strict => self.desk.settle(SETTLE_WITHIN).await,
        }
    }

    /// Waits until all that was taken in is durable, whatever answers wait for: so that it can be read.
    ///
    /// # Errors
    /// When that takes longer than a second.
    pub async fn written(&self) -> Result<(), Unready> {
        self.desk.settle(SETTLE_WITHIN).await
    }

    /// Ends the segment with all that was taken in. Called when the key of somebody is
    /// [withheld](Keyring::withhold) and before it is erased, so that nothing that was sealed for them is referred to by
    /// what comes; what is decided about their tokens from then on is sealed like that of somebody whom nobody knows.
    ///
    /// # Errors
    /// When it takes longer than a second: say it again.
    pub async fn end_segment(&self) -> Result<(), Unready> {
        self.desk.end_segment(SETTLE_WITHIN).await
    }

    /// Writes all that was taken in and ends the writer. What is asked afterwards is not admitted.
    ///
    /// # Errors
    /// When that takes longer than ten seconds, or something could not be written at all: then decisions are lost.
    pub async fn stop(&self) -> Result<(), Unready> {
        self.desk.stop(STOP_WITHIN).await
    }

    /// The id of the request whose decision has this counter.
    pub fn request_id(&self, counter: u64) -> String {
        self.request_ids.encode(Locator { node_start: self.node_start, lane: LANE.0, counter })
    }

    /// An id for a request that is no decision. It locates nothing.
    pub fn other_request_id(&self) -> String {
        let counter = self.others.fetch_add(1, Ordering::Relaxed);
        self.request_ids.encode(Locator { node_start: self.node_start, lane: NO_LANE, counter })
    }

    /// Why no decision can be recorded, if that is so.
    pub fn missing(&self, now: Timestamp) -> Option<String> {
        self.admit(now).err().map(|it| it.to_string())
    }

    /// What is not well while decisions can still be recorded.
    pub fn degraded(&self) -> Vec<String> {
        let short = self.log.is_writable().err().map(|it| it.to_string());
        [self.desk.standing.trouble(), short].into_iter().flatten().collect()
    }
}
