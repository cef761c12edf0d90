use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::time::Timestamp;
use schemas::usage::RecordedDecision;

use crate::runner::OfBlock;
use crate::usage_feed::UsageBlock;

const HOUR_US: i64 = 3_600_000_000;

/// What the decisions of one hour of a lane amount to, for one key.
///
/// Merging is associative and commutative, and [`of`](Self::of) knows one decision alone: however decisions are
/// cut into blocks and blocks into pages, the merged partials are the same.
pub trait Partial: Send + Sync + Sized + 'static {
    /// What it is of: partials of one key are one.
    type Key: Ord;

    /// What one decision amounts to; nothing where it does not count.
    fn of(decision: &RecordedDecision) -> Option<Self>;

    /// Its key.
    fn key(&self) -> Self::Key;

    /// Takes in another of the same key.
    fn merge(&mut self, other: Self);
}

/// The hour that something falls into, counted from 1970 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hour(pub i64);

impl Hour {
    /// The hour of an instant.
    pub const fn of(at: Timestamp) -> Self {
        Self(at.micros().div_euclid(HOUR_US))
    }
}

/// What some decisions amount to: one partial a key, in the order of the keys.
pub fn partials<P: Partial>(decisions: &[RecordedDecision]) -> Vec<P> {
    let mut merged: BTreeMap<P::Key, P> = BTreeMap::new();
    for partial in decisions.iter().filter_map(P::of) {
        match merged.entry(partial.key()) {
            Entry::Occupied(mut it) => it.get_mut().merge(partial),
            Entry::Vacant(it) => drop(it.insert(partial)),
        }
    }
    merged.into_values().collect()
}

impl<P: Partial> OfBlock for P {
    fn of_block(block: &UsageBlock) -> Vec<Self> {
        partials(&block.decisions)
    }
}
