//! Since when the gate lacks something that the ledger holds, and how long it may answer so.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use eventlog::Position;
use parking_lot::Mutex;
use tokio::time::Instant;

/// How long the gate may lack a fact and still answer: 750 ms, the lease of ADR 0005.
pub const LEASE: Duration = Duration::from_millis(750);

/// What stands in the place of an instant while nothing is lacking.
const CURRENT: u64 = u64::MAX;

/// The gate has lacked facts of the ledger for longer than it may: one of them could be a revocation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the gate stands at position {position} and has lacked later facts for {} ms", lacking.as_millis())]
pub struct Behind {
    /// The position of the last fact applied.
    pub position: Position,
    /// For how long something has been lacking; more than [`LEASE`].
    pub lacking: Duration,
}

/// Since when the gate lacks something. Whoever asks pays one relaxed load while all is well.
pub(super) struct Freshness {
    started: Instant,
    /// Microseconds from `started`, or [`CURRENT`].
    since: AtomicU64,
    /// Whoever holds it looks and notes, as one. Without it:
    ///
    /// ```text
    /// t0  A: sees position 5 and head 6    t1  B: applies 6, and notes that nothing is lacking
    /// t2  A: notes that something is       and nobody would ever note otherwise
    /// ```
    noting: Mutex<()>,
}

impl Freshness {
    /// Of a gate that lacks nothing.
    pub(super) fn current() -> Self {
        Self { started: Instant::now(), since: AtomicU64::new(CURRENT), noting: Mutex::default() }
    }

    /// Whether a gate at that position may answer.
    ///
    /// # Errors
    /// When it has been behind for longer than it may.
    pub(super) fn check(&self, position: Position) -> Result<(), Behind> {
        match self.since.load(Ordering::Relaxed) {
            CURRENT => Ok(()),
            since => self.check_since(since, position),
        }
    }

    #[cold]
    fn check_since(&self, since: u64, position: Position) -> Result<(), Behind> {
        let lacking = Duration::from_micros(self.micros(Instant::now()).saturating_sub(since));
        if lacking <= LEASE { Ok(()) } else { Err(Behind { position, lacking }) }
    }

    /// Notes whether something is lacking; what was lacking before counts from then on.
    pub(super) fn note(&self, is_behind: impl FnOnce() -> bool) {
        let now = self.micros(Instant::now());
        self.set(is_behind, |since| now.min(since));
    }

    /// Notes that nothing was lacking at `known`; what has come since counts from there.
    pub(super) fn note_current_at(&self, known: Instant, is_behind: impl FnOnce() -> bool) {
        let known = self.micros(known);
        self.set(is_behind, |_| known);
    }

    fn set(&self, is_behind: impl FnOnce() -> bool, since: impl FnOnce(u64) -> u64) {
        let _noting = self.noting.lock();
        let since = if is_behind() { since(self.since.load(Ordering::Relaxed)) } else { CURRENT };
        self.since.store(since, Ordering::Relaxed);
    }

    fn micros(&self, instant: Instant) -> u64 {
        let micros = instant.saturating_duration_since(self.started).as_micros();
        u64::try_from(micros).unwrap_or(CURRENT - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(500);

    fn answers(freshness: &Freshness) -> bool {
        freshness.check(Position(1)).is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_lacking_counts_from_when_it_was_noted_first() {
        let freshness = Freshness::current();
        freshness.note(|| true);
        tokio::time::advance(SOON).await;
        freshness.note(|| true);
        assert!(answers(&freshness));
        tokio::time::advance(SOON).await;
        let behind = Behind { position: Position(1), lacking: 2 * SOON };
        assert_eq!(freshness.check(Position(1)), Err(behind));
        freshness.note(|| false);
        assert!(answers(&freshness));
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_that_comes_on_may_be_behind_a_head_that_moves() {
        let freshness = Freshness::current();
        freshness.note(|| true);
        for _ in 0..10 {
            let asked = Instant::now();
            tokio::time::advance(SOON).await;
            freshness.note_current_at(asked, || true);
            assert!(answers(&freshness));
        }
        tokio::time::advance(SOON).await;
        assert!(!answers(&freshness), "it comes on no more");
    }
}
