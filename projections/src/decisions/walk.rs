//! The candidates of all segments, in the order of their lanes.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventlog::usage::{Lane, Place};

use super::index::Index;
use super::order::Order;
use super::page::RowPlace;
use super::segment::Segment;
use super::stream::{Candidate, Stream};
use super::terms::{Terms, TermsBySegment};
use super::{Bounds, DecisionFilter, DecisionWalk};
use crate::runner::QueryError;

/// A walk through the candidates.
pub(super) struct Walk {
    order: Order,
    lanes: BTreeMap<Lane, LaneWalk>,
}

struct LaneWalk {
    /// Rows beyond it are meant.
    bound: RowPlace,
    /// Where the walk ended within a block.
    stopped: Option<RowPlace>,
    last: Place,
    streams: Vec<Stream>,
    /// The first place that might come when the walk began.
    began_at: Option<Place>,
}

/// The next block to be looked at.
pub(super) struct Next {
    pub(super) lane: Lane,
    pub(super) terms: Arc<Terms>,
    pub(super) candidate: Candidate,
    /// Its rows beyond this bound are meant.
    pub(super) bound: RowPlace,
}

impl Walk {
    /// Through these segments, up to where the lanes end now.
    pub(super) fn through(
        segments: Vec<Segment>,
        mut terms: TermsBySegment,
        walk: &DecisionWalk,
        ends: &[(Lane, Place)],
    ) -> Self {
        let order = walk.order();
        let lane = |(lane, last): &(Lane, Place)| {
            let start = match order {
                Order::NewestFirst => order.before(*last),
                Order::OldestFirst => RowPlace { place: 0, row: 0 },
            };
            let bound = walk.bounds().of(*lane).unwrap_or(start);
            (*lane, LaneWalk { bound, stopped: None, last: *last, streams: Vec::new(), began_at: None })
        };
        let mut lanes: BTreeMap<Lane, LaneWalk> = ends.iter().map(lane).collect();
        for segment in segments {
            let (terms, lane) = (terms.remove(&segment.place), lanes.get_mut(&Lane(segment.place.lane)));
            if let Some((terms, lane)) = terms.zip(lane) {
                lane.streams.push(Stream::new(segment, terms, order, lane.bound, lane.last));
            }
        }
        for lane in lanes.values_mut() {
            lane.began_at = lane.first(order).and_then(Stream::next_place).map(|(place, _)| place);
        }
        Self { order, lanes }
    }

    /// The next candidate. None: there is none, or the budget is
    /// spent, which counts chapters.
    pub(super) async fn next(
        &mut self,
        index: &Index,
        filter: &DecisionFilter,
        budget: &mut usize,
    ) -> Result<Option<Next>, QueryError> {
        let mut chosen: Option<(i64, Lane)> = None;
        let order = self.order;
        for (lane, walk) in &mut self.lanes {
            if !walk.settle(order, index, filter, budget).await? {
                return Ok(None);
            }
            let Some(latest_us) = walk.first(order).and_then(Stream::candidate).map(|it| it.note.latest_us)
            else {
                continue;
            };
            if chosen.is_none_or(|(time, _)| order.is_sooner(&latest_us, &time)) {
                chosen = Some((latest_us, *lane));
            }
        }
        let Some((_, lane)) = chosen else { return Ok(None) };
        Ok(self.lanes.get_mut(&lane).and_then(|it| it.take(order, lane)))
    }

    /// Where one walks on; none: nothing is left.
    pub(super) fn rest(&self) -> Option<Bounds> {
        let mut bounds = Bounds::default();
        let mut is_over = true;
        for (lane, walk) in &self.lanes {
            let next = walk.first(self.order).and_then(Stream::next_place).map(|(place, _)| place);
            is_over &= next.is_none() && walk.stopped.is_none();
            let bound = next.map_or(self.order.end(walk.last), |it| self.order.before(it));
            bounds.set(*lane, walk.stopped.unwrap_or(self.order.later(bound, walk.bound)));
        }
        (!is_over).then_some(bounds)
    }

    /// Ends the walk before a row of the block that came last.
    pub(super) fn stop(&mut self, lane: Lane, row: RowPlace) {
        if let Some(walk) = self.lanes.get_mut(&lane) {
            walk.stopped = Some(self.order.before_row(row));
        }
    }
}

impl LaneWalk {
    /// The stream that comes first, as far as is known.
    fn first(&self, order: Order) -> Option<&Stream> {
        self.first_place(order).and_then(|it| self.streams.get(it))
    }

    fn first_place(&self, order: Order) -> Option<usize> {
        let mut first: Option<(Place, bool, usize)> = None;
        for (number, stream) in self.streams.iter().enumerate() {
            let Some((place, is_there)) = stream.next_place() else { continue };
            let is_sooner = first.is_none_or(|(best, best_is_there, _)| {
                // What may be there is looked at before what is.
                order.is_sooner(&place, &best) || place == best && best_is_there && !is_there
            });
            if is_sooner {
                first = Some((place, is_there, number));
            }
        }
        first.map(|(_, _, number)| number)
    }

    /// Reads chapters until the first stream has a candidate, or none has. False: the budget is spent before.
    async fn settle(
        &mut self,
        order: Order,
        index: &Index,
        filter: &DecisionFilter,
        budget: &mut usize,
    ) -> Result<bool, QueryError> {
        while let Some(first) = self.first_place(order) {
            let Some(stream) = self.streams.get_mut(first).filter(|it| it.candidate().is_none()) else {
                return Ok(true);
            };
            // Whatever the budget, each walk comes farther than the one before it.
            let has_moved = stream.next_place().map(|(place, _)| place) != self.began_at;
            if *budget == 0 && has_moved {
                return Ok(false);
            }
            let read = stream.read(index, filter).await?;
            *budget = budget.saturating_sub(read.max(1));
        }
        Ok(true)
    }

    fn take(&mut self, order: Order, lane: Lane) -> Option<Next> {
        let first = self.first_place(order)?;
        let bound = self.bound;
        let stream = self.streams.get_mut(first)?;
        let candidate = stream.take()?;
        Some(Next { lane, terms: Arc::clone(&stream.terms), candidate, bound })
    }
}
