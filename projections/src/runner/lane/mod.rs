//! A lane of the usage log as a source: each block is an entry, whatever a projection makes of it.

mod mark;
mod reading;

use std::marker::PhantomData;
use std::sync::Arc;

use domain::time::Timestamp;
use eventlog::usage::{LARGEST_BLOCK, Lane, Place, ReadError};
use eventlog::{Leaf, Limit, Position};
use schemas::usage::{Header, NodeStart};

use super::outcome::chain;
use super::{Checkpoint, Entry, Erased, Head, Page, Source, SourceError};
use crate::usage_feed::{UsageBlock, UsageFeed, UsageFeedError};

pub use reading::Reading;

/// What a projection of the usage log folds.
pub trait OfBlock: Send + Sync + Sized + 'static {
    /// All of it that a block amounts to. The same block gives the same.
    fn of_block(block: &UsageBlock) -> Vec<Self>;
}

/// A lane of the usage log, for projections that fold `E`.
pub struct UsageLane<E> {
    feed: Arc<UsageFeed>,
    lane: Lane,
    events: PhantomData<fn() -> E>,
}

/// A block of a lane, as a projection folds it.
pub struct LaneBlock<E> {
    place: Place,
    bytes: usize,
    leaf: Leaf,
    latest: Timestamp,
    /// Its node start and sequence; nothing where it is a repeat.
    read: Option<(NodeStart, u64)>,
    events: Vec<E>,
}

impl<E> UsageLane<E> {
    /// A lane of that feed.
    pub fn new(feed: Arc<UsageFeed>, lane: Lane) -> Self {
        Self { feed, lane, events: PhantomData }
    }
}

impl<E: OfBlock> LaneBlock<E> {
    fn of(block: &UsageBlock) -> Self {
        let header = block.header();
        let read = Some((header.place.node_start, header.sequence));
        let events = E::of_block(block);
        Self { read, events, bytes: block.bytes, ..Self::repeat(block.place, header) }
    }

    /// A block that lies in its lane twice, at its second place.
    fn repeat(place: Place, header: &Header) -> Self {
        let latest = Timestamp::from_micros(header.latest_us());
        Self { place, bytes: 0, leaf: leaf(header), latest, read: None, events: Vec::new() }
    }
}

impl<E: OfBlock> Entry for LaneBlock<E> {
    type Event = E;

    fn position(&self) -> Position {
        Position(self.place.0)
    }

    fn events(&self) -> &[E] {
        &self.events
    }

    fn pass(&self, before: &Checkpoint) -> Checkpoint {
        let resume = match self.read {
            Some(read) => mark::remember(&before.resume, read),
            None => before.resume.clone(),
        };
        let logged_at = before.logged_at.max(self.latest);
        Checkpoint { position: self.position(), leaf: self.leaf, logged_at, resume }
    }

    fn name(&self) -> String {
        format!("the block at {} of the usage log", self.place)
    }
}

impl<E: OfBlock> Source for UsageLane<E> {
    type Entry = LaneBlock<E>;
    type Memory = Reading<E>;

    fn lane(&self) -> u16 {
        self.lane.0
    }

    fn head(&self) -> Head {
        Head::Usage(self.feed.head(self.lane))
    }

    async fn page(
        &self,
        after: &Checkpoint,
        memory: &mut Reading<E>,
        limit: Limit,
    ) -> Result<Page<LaneBlock<E>>, SourceError> {
        let blocks = limit.records.min(limit.bytes / LARGEST_BLOCK).max(1);
        let page = memory.page(&self.feed, self.lane, after, blocks).await;
        page.map_err(|err| meaning(&err, after.position))
    }

    async fn check_origin(&self, checkpoint: &Checkpoint) -> Result<(), SourceError> {
        let (place, lane) = (Place(checkpoint.position.0), self.lane);
        let foreign = |why| Err(SourceError::Foreign(why));
        match self.feed.block_at(lane, place).await {
            Ok(block) if leaf(block.header()) == checkpoint.leaf => Ok(()),
            Ok(_) => foreign(format!("the view comes from another usage log: at {place} of lane {lane}")),
            // The days that it has read may have been dropped; whoever wants more than there is, is told below.
            Err(UsageFeedError::Missing { .. }) if place <= *self.feed.head(lane).borrow() => Ok(()),
            Err(UsageFeedError::Missing { .. }) => {
                foreign(format!("the view is at {place}, beyond the end of lane {lane} of the usage log"))
            }
            Err(err) => Err(meaning(&err, checkpoint.position)),
        }
    }

    fn erased(&self) -> Option<Erased> {
        Some(self.feed.forgotten())
    }

    async fn logged_at(&self, position: Position) -> Option<Timestamp> {
        let block = self.feed.block_at(self.lane, Place(position.0)).await.ok()?;
        Some(Timestamp::from_micros(block.header().latest_us()))
    }
}

/// Node start, sequence, times of the earliest and the latest row, 8 bytes each.
fn leaf(header: &Header) -> Leaf {
    let parts = [
        header.place.node_start.0,
        header.sequence.to_be_bytes(),
        header.earliest_us().to_be_bytes(),
        header.latest_us().to_be_bytes(),
    ];
    let mut leaf = [0; 32];
    leaf.iter_mut().zip(parts.as_flattened()).for_each(|(to, from)| *to = *from);
    Leaf(leaf)
}

/// What it means to a view at `after` that the lane cannot be read.
fn meaning(err: &UsageFeedError, after: Position) -> SourceError {
    let why = chain(err);
    match err {
        UsageFeedError::Log(ReadError::Damaged { place, .. })
        | UsageFeedError::Damaged { place, .. }
        | UsageFeedError::Forged { place, .. }
        | UsageFeedError::Missing { place, .. } => SourceError::Damaged { at: Position(place.0), why },
        UsageFeedError::Log(ReadError::Beyond { .. }) if after != Position(0) => {
            SourceError::Foreign(format!("the view knows more than the usage log: {why}"))
        }
        UsageFeedError::Log(ReadError::Beyond { .. } | ReadError::Unavailable(_))
        | UsageFeedError::Keys(_) => SourceError::Unavailable(why),
    }
}

#[cfg(test)]
mod tests;
