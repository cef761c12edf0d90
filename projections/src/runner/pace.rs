//! How much is folded before it is written.

use std::time::Duration;

use eventlog::{Limit, Position};
use tokio::time::Instant;

/// Who is further behind than this catches up in large pages.
const FAR_BEHIND: u64 = 10_000;

/// The bounds of one transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The most facts.
    facts: usize,
    /// The most bytes of their records.
    bytes: usize,
    /// The longest time, if there is a bound.
    time: Option<Duration>,
    /// What is read of the log at once.
    read: Limit,
    /// The last position that is folded, if there is one.
    up_to: Option<Position>,
}

impl Pace {
    /// Readers wait for it.
    const LIVE: Self = Self {
        facts: 1_000,
        bytes: 4 << 20,
        time: Some(Duration::from_millis(50)),
        read: Limit { records: 1_000, bytes: 4 << 20 },
        up_to: None,
    };

    /// Nobody reads it yet, or it is far behind. Larger transactions cost less a row: 100,000 facts a
    /// transaction were 8 times as fast as 1,000.
    pub(super) const BULK: Self = Self {
        facts: 100_000,
        bytes: 32 << 20,
        time: None,
        read: Limit { records: 4_096, bytes: 4 << 20 },
        up_to: None,
    };

    /// The pace of a view that is read and has come that far.
    pub(super) fn of(position: Position, head: Position) -> Self {
        if position.0.saturating_add(FAR_BEHIND) < head.0 { Self::BULK } else { Self::LIVE }
    }

    /// The same, and not beyond that position.
    pub(super) fn up_to(self, position: Position) -> Self {
        Self { up_to: Some(position), ..self }
    }

    /// Whether what lies at a position is folded by it.
    pub(super) fn reaches(&self, position: Position) -> bool {
        self.up_to.is_none_or(|it| position <= it)
    }

    /// The same, with at most so many facts.
    #[cfg(test)]
    pub(super) fn of_at_most(facts: usize) -> Self {
        Self { facts, ..Self::BULK }
    }

    /// What to read next of the log.
    pub(super) fn read(&self, spent: &Spent) -> Limit {
        let records = self.facts.saturating_sub(spent.facts).min(self.read.records);
        Limit { records, bytes: self.read.bytes }
    }

    /// Whether it is time to write.
    pub(super) fn is_spent(&self, spent: &Spent) -> bool {
        self.facts <= spent.facts
            || self.bytes <= spent.bytes
            || self.time.is_some_and(|it| it <= spent.since.elapsed())
    }
}

/// What a transaction holds by now.
pub(super) struct Spent {
    pub(super) facts: usize,
    pub(super) bytes: usize,
    since: Instant,
}

impl Spent {
    pub(super) fn nothing() -> Self {
        Self { facts: 0, bytes: 0, since: Instant::now() }
    }
}
