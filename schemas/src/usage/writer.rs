//! Writing segments: numbering, limits, blocks.

use super::builder::{BlockBuilder, BlockState, MAX_SPAN_US, MOST_ENTRY_BYTES};
use super::closed::ClosedBlock;
use super::decision::{Decision, MAX_COSTS, MAX_TEXT_BYTES};
use super::dictionary::{Dictionary, Sizes};
use super::place::{NodeStart, SegmentPlace, day_of};

/// A segment ends before it may exceed this many bytes.
pub const MAX_SEGMENT_BYTES: usize = 256 << 20;
/// A segment ends before its clients and texts exceed this many bytes in clear: readers hold them.
pub const MAX_ENTRY_BYTES: usize = 64 << 20;
/// Header, directory and checksum of a block are shorter.
const MOST_HEAD_BYTES: usize = 512;

/// Why a decision was not taken in; nothing has changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The segment ends before this decision: go on after [`SegmentWriter::end_segment`].
    #[error("the segment is over")]
    SegmentOver,
    /// More than [`MAX_COSTS`] limits are charged.
    #[error("the decision charges more than {MAX_COSTS} limits")]
    TooManyCosts,
    /// A subject is longer than [`MAX_TEXT_BYTES`], and subjects cannot be cut.
    #[error("the subject is longer than {MAX_TEXT_BYTES} bytes")]
    SubjectTooLong,
}

/// Writes one segment: what one start of a node writes to one lane until 262,144 things of a kind
/// are numbered, 256 MiB are written, or the day ends.
pub struct SegmentWriter {
    place: SegmentPlace,
    incarnation: u32,
    /// The day of the segment's first row.
    day: Option<i64>,
    sequence: u64,
    index: u32,
    dictionary: Dictionary,
    /// The dictionary's sizes before the open block.
    before: Sizes,
    block: BlockBuilder,
    /// The most bytes that the closed blocks may have.
    written: usize,
}

impl SegmentWriter {
    /// The first segment of a node start in a lane. `node_start` MUST be eight fresh random bytes:
    /// nonces are made of them.
    pub fn new(node_start: NodeStart, lane: u16, incarnation: u32) -> Self {
        Self::at(SegmentPlace { node_start, lane, segment: 0 }, incarnation, 0)
    }

    fn at(place: SegmentPlace, incarnation: u32, sequence: u64) -> Self {
        Self {
            place,
            incarnation,
            day: None,
            sequence,
            index: 0,
            dictionary: Dictionary::default(),
            before: Sizes::default(),
            block: BlockBuilder::default(),
            written: 0,
        }
    }

    /// The segment that is written.
    pub fn place(&self) -> SegmentPlace {
        self.place
    }

    /// Takes a decision into the open block, and says whether that is to be closed now.
    ///
    /// # Errors
    /// When the segment is over, or the decision is beyond what a row may hold.
    pub fn push(&mut self, decision: &Decision<'_>) -> Result<BlockState, PushError> {
        refuse(decision)?;
        let day = day_of(decision.time_us);
        if self.is_over(day) {
            return Err(PushError::SegmentOver);
        }
        self.day.get_or_insert(day);
        self.dictionary.add(decision, &mut self.block);
        Ok(self.block.state())
    }

    /// The moment at which the open block is to be closed even if no decision follows, in
    /// microseconds since 1970 UTC; none while it is empty.
    pub fn closes_at_us(&self) -> Option<i64> {
        let earliest = self.block.first.time_us.saturating_sub_unsigned(self.block.earlier_us);
        let has_rows = self.block.rows.len() > 0;
        has_rows.then(|| earliest.saturating_add_unsigned(MAX_SPAN_US))
    }

    /// Closes the open block and begins another; none if it is empty.
    ///
    /// The block must be appended, unchanged by any retry, before the next one, or the segment
    /// must end: later blocks refer to its entries.
    pub fn close_block(&mut self) -> Option<ClosedBlock> {
        if self.block.rows.len() == 0 {
            return None;
        }
        let block = std::mem::take(&mut self.block);
        self.written += block.bytes() + MOST_HEAD_BYTES;
        let after = self.dictionary.sizes();
        let closed = ClosedBlock {
            place: self.place,
            sequence: self.sequence,
            index: self.index,
            incarnation: self.incarnation,
            before: std::mem::replace(&mut self.before, after),
            block,
        };
        self.sequence += 1;
        self.index += 1;
        Some(closed)
    }

    /// Ends the segment and begins the one that follows, in its place; gives the last block, if it has rows.
    pub fn end_segment(&mut self) -> Option<ClosedBlock> {
        let last = self.close_block();
        let place = SegmentPlace { segment: self.place.segment + 1, ..self.place };
        *self = Self::at(place, self.incarnation, self.sequence);
        last
    }

    fn is_over(&self, day: i64) -> bool {
        self.day.is_some_and(|it| it < day)
            || self.dictionary.is_full()
            || self.dictionary.bytes() + MOST_ENTRY_BYTES > MAX_ENTRY_BYTES
            || self.written + self.block.bytes() + MOST_ENTRY_BYTES > MAX_SEGMENT_BYTES
    }
}

fn refuse(decision: &Decision<'_>) -> Result<(), PushError> {
    if decision.costs.len() > MAX_COSTS {
        return Err(PushError::TooManyCosts);
    }
    let subjects = [decision.organization.map(|it| it.subject), decision.client.map(|it| it.subject)];
    if subjects.into_iter().flatten().any(|it| it.len() > MAX_TEXT_BYTES) {
        return Err(PushError::SubjectTooLong);
    }
    Ok(())
}
