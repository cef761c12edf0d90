//! Unproven secrets of one second, counted: whoever sends junk fills neither memory nor disk.

use std::collections::HashMap;

use super::page::Counted;
use super::{Address, Asker, Circumstances, Decided, Outcome};

/// Different callers, networks and codes that are told apart in one second; all others of a code are one row.
pub const MOST_FOLDED: usize = 512;
/// Microseconds of a second.
const SECOND_US: i64 = 1_000_000;

/// What is told apart. The user agent is not: it is whatever the sender likes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    asker: Option<Asker>,
    network: Option<Address>,
    outcome: Outcome,
}

#[derive(Clone, Copy)]
struct Tally {
    counter: u64,
    position: u64,
    count: u64,
}

/// The unproven secrets of one second.
#[derive(Default)]
pub(super) struct Fold {
    second: i64,
    tallies: HashMap<Key, Tally>,
}

impl Fold {
    pub(super) fn is_empty(&self) -> bool {
        self.tallies.is_empty()
    }

    /// When the second is over, if anything was counted in it.
    pub(super) fn ends_at_us(&self) -> Option<i64> {
        (!self.is_empty()).then(|| (self.second + 1).saturating_mul(SECOND_US))
    }

    /// Whether `time_us` is in a later second than what was counted.
    pub(super) fn is_over(&self, time_us: i64) -> bool {
        !self.is_empty() && self.second < time_us.div_euclid(SECOND_US)
    }

    /// Counts one. What was counted in an earlier second must have been taken out.
    pub(super) fn count(&mut self, counter: u64, time_us: i64, decided: &Decided, asked: &Circumstances<'_>) {
        self.second = time_us.div_euclid(SECOND_US);
        let fresh = Tally { counter, position: decided.position, count: 0 };
        let key = self.key(decided, asked);
        self.tallies.entry(key).or_insert(fresh).count += 1;
    }

    fn key(&self, decided: &Decided, asked: &Circumstances<'_>) -> Key {
        let outcome = decided.outcome;
        let network = asked.address.map(Address::network);
        let key = Key { asker: asked.asker, network, outcome };
        if self.tallies.len() < MOST_FOLDED || self.tallies.contains_key(&key) {
            return key;
        }
        Key { asker: None, network: None, outcome }
    }

    /// All that was counted, in the order of the first of each; nothing is left. They bear the last microsecond of
    /// their second, at which all of them have happened, or `at_us` if that is earlier.
    pub(super) fn take(&mut self, at_us: i64) -> Vec<Counted> {
        let last = (self.second + 1).saturating_mul(SECOND_US) - 1;
        let time_us = last.min(at_us);
        let mut counted: Vec<_> = self.tallies.drain().map(|(key, it)| it.counted(key, time_us)).collect();
        counted.sort_unstable_by_key(|it| it.counter);
        counted
    }
}

impl Tally {
    fn counted(self, key: Key, time_us: i64) -> Counted {
        let organization = key.asker.and_then(|it| it.organization);
        Counted {
            time_us,
            counter: self.counter,
            count: self.count,
            decided: Decided { organization, ..Decided::unproven(key.outcome, self.position) },
            caller: key.asker.map(|it| it.credential),
            network: key.network,
        }
    }
}
