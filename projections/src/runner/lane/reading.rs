use std::sync::Arc;

use eventlog::Position;
use eventlog::usage::Lane;

use super::{LaneBlock, OfBlock, mark};
use crate::runner::{Checkpoint, Entry, Page};
use crate::usage_feed::{Follower, UsageFeed, UsageFeedError, UsagePage};

/// What a reader of a lane keeps: what its segments have numbered, and its last page, since a view may have
/// folded some of it only.
pub struct Reading<E> {
    follower: Option<Follower>,
    /// The position that the last page was read after.
    after: Position,
    entries: Vec<Arc<LaneBlock<E>>>,
    head: Position,
}

impl<E> Default for Reading<E> {
    fn default() -> Self {
        Self { follower: None, after: Position(0), entries: Vec::new(), head: Position(0) }
    }
}

impl<E: OfBlock> Reading<E> {
    pub(super) async fn page(
        &mut self,
        feed: &Arc<UsageFeed>,
        lane: Lane,
        after: &Checkpoint,
        blocks: usize,
    ) -> Result<Page<LaneBlock<E>>, UsageFeedError> {
        if let Some(rest) = self.rest(after.position, blocks) {
            return Ok(rest);
        }
        let goes_on = |it: &Follower| it.mark().place.0 == after.position.0;
        let follower = self.follower.take().filter(goes_on);
        // It is put back only once it has read: what failed half-way is begun anew.
        let mut follower = follower.unwrap_or_else(|| feed.follow(lane, mark::mark(after)));
        let page = follower.page(blocks).await?;
        self.entries = entries(feed, lane, after, &page).await?;
        self.after = after.position;
        self.head = Position(page.head.0);
        self.follower = Some(follower);
        Ok(self.rest(after.position, blocks).unwrap_or_else(|| self.page_of(&[])))
    }

    /// What the last page holds after a position.
    fn rest(&self, position: Position, blocks: usize) -> Option<Page<LaneBlock<E>>> {
        if position < self.after {
            return None;
        }
        let first = self.entries.partition_point(|it| it.position() <= position);
        let rest = self.entries.get(first..).filter(|it| !it.is_empty())?;
        Some(self.page_of(rest.get(..blocks).unwrap_or(rest)))
    }

    fn page_of(&self, entries: &[Arc<LaneBlock<E>>]) -> Page<LaneBlock<E>> {
        let bytes = entries.iter().map(|it| it.bytes).sum();
        Page { entries: entries.to_vec(), head: self.head, bytes }
    }
}

/// The blocks that were read, and one without events where only repeats come after them.
async fn entries<E: OfBlock>(
    feed: &UsageFeed,
    lane: Lane,
    after: &Checkpoint,
    page: &UsagePage,
) -> Result<Vec<Arc<LaneBlock<E>>>, UsageFeedError> {
    let mut entries: Vec<_> = page.blocks.iter().map(|it| Arc::new(LaneBlock::of(it))).collect();
    let last = entries.last().map_or(after.position, |it| it.position());
    let end = page.mark.place;
    if last < Position(end.0) {
        let repeat = feed.block_at(lane, end).await?;
        entries.push(Arc::new(LaneBlock::repeat(end, repeat.header())));
    }
    Ok(entries)
}
