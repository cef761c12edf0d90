use eventlog::usage::{Lane, Place};
use schemas::usage::{Locator, RecordedDecision};
use serde::{Deserialize, Serialize};

use super::{DecisionFilter, Reach};
use crate::runner::QueryError;
use crate::usage_feed::UsageFeedError;

/// A row of the usage log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct RowPlace {
    /// The place of its block in the lane.
    pub place: u64,
    /// Its place in the block, from 0.
    pub row: u32,
}

/// For each lane, a place between its rows: those before one lie on its one side, those from it on, on the other.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Bounds(pub Vec<(u16, RowPlace)>);

impl Bounds {
    /// The bound of a lane, if it has one.
    pub(super) fn of(&self, lane: Lane) -> Option<RowPlace> {
        self.0.iter().find(|(it, _)| *it == lane.0).map(|(_, bound)| *bound)
    }

    pub(super) fn set(&mut self, lane: Lane, bound: RowPlace) {
        match self.0.iter_mut().find(|(it, _)| *it == lane.0) {
            Some((_, it)) => *it = bound,
            None => self.0.push((lane.0, bound)),
        }
        self.0.sort_unstable();
    }

    /// After all blocks up to these places.
    pub fn after(places: &[(Lane, Place)]) -> Self {
        let bound = |it: Place| RowPlace { place: it.0.saturating_add(1), row: 0 };
        Self(places.iter().map(|(lane, place)| (lane.0, bound(*place))).collect())
    }
}

/// Which way one walks through the decisions. Those of a lane come in its order; lanes are mingled by time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecisionWalk {
    /// The newest first, from before these bounds on; a lane without one: from its end.
    NewestFirst(Bounds),
    /// The oldest first, from these bounds on; a lane without one: from its beginning.
    OldestFirst(Bounds),
}

/// A question to the recorded decisions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecisionQuery {
    /// Which decisions the reader reaches.
    pub reach: Reach,
    /// Which of them are wanted.
    pub filter: DecisionFilter,
    /// Which way.
    pub walk: DecisionWalk,
    /// The most decisions, at least 1.
    pub limit: usize,
}

/// A recorded decision, and where it is recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundDecision {
    /// Where: what its request id is made of.
    pub locator: Locator,
    /// Incarnation of the ledger that its position belongs to.
    pub incarnation: u32,
    /// What was decided; what was erased is so.
    pub decision: RecordedDecision,
}

/// A page of decisions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecisionPage {
    /// The decisions, in the order asked for; perhaps none although there is a next page, for a page takes a
    /// bounded amount of work.
    pub decisions: Vec<FoundDecision>,
    /// How to walk on; nothing where this is the last page.
    pub next: Option<DecisionWalk>,
    /// Up to where each lane was searched.
    pub position: Vec<(Lane, Place)>,
}

/// Why decisions could not be found.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// The index cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The decisions cannot be read.
    #[error(transparent)]
    Feed(#[from] UsageFeedError),
}
