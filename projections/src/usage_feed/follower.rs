use std::sync::Arc;

use eventlog::usage::{Lane, Place};
use schemas::usage::NodeStart;
use tokio::sync::watch;

use super::lane::LaneShared;
use super::reader::{ReadBlocks, Reader};
use super::{Mark, UsageBlock, UsageFeed, UsageFeedError, UsagePage};

/// The most node starts whose last block is remembered, as [`Mark::has_read`] says.
const MAX_NODE_STARTS: usize = 1_024;

/// Beyond every place.
const END: Place = Place(u64::MAX);

/// One who follows a lane: reads it in order, without gaps and without repeats.
///
/// What it reads next is after what it has read; who needs the same again begins anew from a
/// [`Mark`].
pub struct Follower {
    feed: Arc<UsageFeed>,
    lane: Lane,
    shared: Arc<LaneShared>,
    mark: Mark,
    /// Its own reader, while it is far behind the shared one.
    alone: Option<Reader>,
}

impl Follower {
    pub(super) fn new(feed: Arc<UsageFeed>, lane: Lane, shared: Arc<LaneShared>, mark: Mark) -> Self {
        Self { feed, lane, shared, mark, alone: None }
    }

    /// Which lane.
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// How far it has read.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// The place of the lane's last block, to be woken by.
    pub fn head(&self) -> watch::Receiver<Place> {
        self.feed.head(self.lane)
    }

    /// The next blocks, at most `blocks`, and at least one where there is one.
    ///
    /// A page ends before a block that cannot be read; the next one, that would begin with it, is
    /// the error, and so is each one after it.
    ///
    /// # Errors
    /// When the mark is beyond the end of the lane, or the log, the keys or the first block cannot
    /// be read.
    pub async fn page(&mut self, blocks: usize) -> Result<UsagePage, UsageFeedError> {
        let head = *self.feed.log.head(self.lane).borrow();
        let read = loop {
            let read = self.read(blocks).await?;
            let is_over = read.up_to <= self.mark.place;
            self.mark.place = self.mark.place.max(read.up_to);
            // What a shared reader passed over may be all that it passed over.
            let fresh = self.unread(read.blocks);
            if is_over || !fresh.is_empty() {
                break fresh;
            }
        };
        let head = head.max(self.mark.place);
        Ok(UsagePage { blocks: read, mark: self.mark.clone(), head })
    }

    async fn read(&mut self, blocks: usize) -> Result<ReadBlocks, UsageFeedError> {
        if let Some(read) = self.held_in_ring(blocks) {
            return Ok(read);
        }
        let shared = Arc::clone(&self.shared);
        // Whoever comes second finds opened what the first one read.
        let mut turn = shared.reader.lock().await;
        if let Some(read) = self.held_in_ring(blocks) {
            return Ok(read);
        }
        match turn.as_mut() {
            Some(reader) if reader.place() == self.mark.place => {
                self.alone = None;
                self.read_for_all(reader, blocks).await
            }
            Some(reader) if self.mark.place < reader.place() => {
                let until = reader.place();
                drop(turn);
                self.read_alone(blocks, until).await
            }
            Some(_) | None => {
                let reader = self.own_reader();
                self.read_for_all(turn.insert(reader), blocks).await
            }
        }
    }

    fn held_in_ring(&mut self, blocks: usize) -> Option<ReadBlocks> {
        let kept = self.shared.ring.lock().after(self.mark.place, blocks)?;
        self.alone = None;
        Some(ReadBlocks { blocks: kept.blocks, up_to: kept.up_to })
    }

    async fn read_for_all(&self, reader: &mut Reader, blocks: usize) -> Result<ReadBlocks, UsageFeedError> {
        let after = reader.place();
        let generation = self.shared.ring.lock().generation();
        let read = reader.next(&self.feed, blocks, END).await?;
        self.shared.ring.lock().keep(generation, after, read.up_to, &read.blocks);
        Ok(read)
    }

    /// Reads up to where the shared reader stands, and not beyond: who overtook it would leave those
    /// who follow it without a reader.
    async fn read_alone(&mut self, blocks: usize, until: Place) -> Result<ReadBlocks, UsageFeedError> {
        let reader = self.own_reader();
        self.alone.insert(reader).next(&self.feed, blocks, until).await
    }

    fn own_reader(&mut self) -> Reader {
        let own = self.alone.take().filter(|it| it.place() == self.mark.place);
        own.unwrap_or_else(|| Reader::resuming(&self.feed, self.lane, &self.mark))
    }

    /// The blocks that were not read before this mark, which are read now.
    fn unread(&mut self, blocks: Vec<Arc<UsageBlock>>) -> Vec<Arc<UsageBlock>> {
        let mut fresh = blocks;
        fresh.retain(|it| self.remember(it.header().place.node_start, it.header().sequence));
        fresh
    }

    /// Whether the sequence is new, which it is no more then.
    fn remember(&mut self, start: NodeStart, sequence: u64) -> bool {
        let has_read = &mut self.mark.has_read;
        let known = has_read.iter().rposition(|(it, _)| *it == start);
        if known.and_then(|it| has_read.get(it)).is_some_and(|(_, read)| sequence <= *read) {
            return false;
        }
        if let Some(place) = known {
            has_read.remove(place);
        } else if has_read.len() >= MAX_NODE_STARTS {
            has_read.remove(0);
        }
        has_read.push((start, sequence));
        true
    }
}
