//! The blocks of one segment that may have what is looked for, one after the other.

use std::collections::VecDeque;
use std::sync::Arc;

use eventlog::usage::Place;

use super::DecisionFilter;
use super::chapter::{BlockNote, Chapter, chapter_of};
use super::index::Index;
use super::order::Order;
use super::page::RowPlace;
use super::segment::Segment;
use super::terms::Terms;
use crate::runner::QueryError;

/// A block that may have what is looked for.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) note: BlockNote,
    pub(super) chapter: Arc<Chapter>,
}

/// The candidates of one segment.
pub(super) struct Stream {
    pub(super) segment: Segment,
    pub(super) terms: Arc<Terms>,
    order: Order,
    /// The places that are gone through: those beyond this bound, up to the last of the lane as it was.
    bound: RowPlace,
    last: Place,
    waiting: VecDeque<Candidate>,
    /// The chapter to read on from; none: there are no more.
    chapter: Option<u64>,
}

impl Stream {
    pub(super) fn new(segment: Segment, terms: Terms, order: Order, bound: RowPlace, last: Place) -> Self {
        let start = order.start_within(&segment, bound, last);
        let chapter = start.map(chapter_of);
        Self { segment, terms: Arc::new(terms), order, bound, last, waiting: VecDeque::new(), chapter }
    }

    /// The first place that may come next, and whether a candidate is there; none: nothing comes.
    pub(super) fn next_place(&self) -> Option<(Place, bool)> {
        match (self.waiting.front(), self.chapter) {
            (Some(candidate), _) => Some((candidate.note.place, true)),
            (None, Some(chapter)) => {
                // A chapter is wider than what is gone through of it.
                let chapter = self.order.start_of_chapter(chapter);
                let start = self.order.start_within(&self.segment, self.bound, self.last)?;
                Some((self.order.later(chapter, start), false))
            }
            (None, None) => None,
        }
    }

    pub(super) fn candidate(&self) -> Option<&Candidate> {
        self.waiting.front()
    }

    pub(super) fn take(&mut self) -> Option<Candidate> {
        self.waiting.pop_front()
    }

    /// Reads some more chapters; answers how many.
    pub(super) async fn read(&mut self, index: &Index, filter: &DecisionFilter) -> Result<usize, QueryError> {
        let Some(from) = self.chapter.take() else { return Ok(0) };
        let chapters = index.chapters(self.segment.place, from, self.order, filter).await?;
        self.chapter = chapters.last().and_then(|it| self.order.after_chapter(it.number));
        let count = chapters.len();
        for chapter in chapters {
            if self.terms.may_be_in(&chapter, filter) {
                self.add(&Arc::new(chapter), filter);
            }
        }
        Ok(count)
    }

    fn add(&mut self, chapter: &Arc<Chapter>, filter: &DecisionFilter) {
        let mut notes: Vec<BlockNote> = chapter.blocks.clone();
        if self.order == Order::NewestFirst {
            notes.reverse();
        }
        notes.retain(|it| {
            it.place <= self.last
                && self.order.reaches(self.bound, it.place)
                && filter.overlaps(it.earliest_us, it.latest_us)
        });
        let candidates = notes.into_iter().map(|note| Candidate { note, chapter: Arc::clone(chapter) });
        self.waiting.extend(candidates);
    }
}
