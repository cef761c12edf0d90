use std::collections::BTreeMap;

use schemas::usage::{Outcome, RecordedDecision};

use super::LastUse;

/// How often something was asked about, how that ended, and its last use.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Decisions, refusals among them.
    pub calls: u64,
    /// Refusals by the number of their [`Outcome`].
    pub refused: BTreeMap<u16, u64>,
    /// The last one that was VALID.
    pub last_use: Option<LastUse>,
}

impl Tally {
    pub(super) fn of(decision: &RecordedDecision) -> Self {
        let calls = decision.count;
        if decision.outcome == Outcome::VALID {
            return Self { calls, refused: BTreeMap::new(), last_use: Some(LastUse::of(decision)) };
        }
        Self { calls, refused: BTreeMap::from([(decision.outcome.0, calls)]), last_use: None }
    }

    /// Takes in what happened at other times or elsewhere: in any order and grouping the same.
    pub fn merge(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        for (outcome, calls) in other.refused {
            let sum = self.refused.entry(outcome).or_default();
            *sum = sum.saturating_add(calls);
        }
        self.last_use = self.last_use.take().max(other.last_use);
    }
}
