//! From stored blocks to opened ones.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use eventlog::Leaf;
use eventlog::usage::{Lane, Place, StoredBlock};
use parking_lot::Mutex;
use schemas::sealing::KeySet;
use schemas::usage::{Block, ReadError, SegmentReader, Standing};

use super::{Mark, UsageBlock, UsageFeed, UsageFeedError};

/// Blocks that are read at once while entries are learned: 32 KiB each at most.
const LEARNED_AT_ONCE: usize = 128;

/// All readers that there are, so that each can be made to forget.
#[derive(Default)]
pub(super) struct Readers(Mutex<Known>);

#[derive(Default)]
struct Known {
    segments: Vec<Weak<Mutex<SegmentReader>>>,
    /// Moves whenever something is forgotten.
    generation: u64,
}

impl Readers {
    /// The generation moves before the readers forget: who sees the old one while it holds a reader
    /// is followed by the forgetting, and who sees the new one asks for its keys again.
    pub(super) fn forget(&self, subject: &str) {
        let mut known = self.0.lock();
        known.generation += 1;
        known.segments.retain(|it| it.strong_count() > 0);
        let segments: Vec<_> = known.segments.iter().filter_map(Weak::upgrade).collect();
        drop(known);
        for it in segments {
            it.lock().forget(subject);
        }
    }

    fn generation(&self) -> u64 {
        self.0.lock().generation
    }

    fn add(&self, segments: &Arc<Mutex<SegmentReader>>) {
        let mut known = self.0.lock();
        known.segments.retain(|it| it.strong_count() > 0);
        known.segments.push(Arc::downgrade(segments));
    }
}

/// Reads a lane block by block.
pub(super) struct Reader {
    lane: Lane,
    /// The last block that was read or dropped.
    place: Place,
    segments: Arc<Mutex<SegmentReader>>,
}

/// What one reading came to.
pub(super) struct ReadBlocks {
    pub(super) blocks: Vec<Arc<UsageBlock>>,
    pub(super) up_to: Place,
}

impl Reader {
    pub(super) fn resuming(feed: &UsageFeed, lane: Lane, mark: &Mark) -> Self {
        let segments = Arc::new(Mutex::new(SegmentReader::resuming(mark.has_read.clone())));
        feed.readers.add(&segments);
        Self { lane, place: mark.place, segments }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Up to `limit` of the next blocks up to the place `until`; none: there are no more. Repeats are
    /// passed over. A block that cannot be read is the error only if it is the first of all.
    pub(super) async fn next(
        &mut self,
        feed: &UsageFeed,
        limit: usize,
        until: Place,
    ) -> Result<ReadBlocks, UsageFeedError> {
        let mut blocks = Vec::new();
        while blocks.is_empty() && self.place < until {
            let stored = feed.log.read(self.lane, self.place, limit).await?;
            if stored.is_empty() {
                break;
            }
            for stored in stored.into_iter().take_while(|it| it.place <= until) {
                match self.open(feed, &stored).await {
                    Ok(opened) => blocks.extend(opened.map(Arc::new)),
                    Err(err) if blocks.is_empty() => return Err(err),
                    Err(_) => return Ok(ReadBlocks { blocks, up_to: self.place }),
                }
                self.place = stored.place;
                // Opening is work for the processor alone: others get their turn.
                tokio::task::yield_now().await;
            }
        }
        Ok(ReadBlocks { blocks, up_to: self.place })
    }

    /// Opens a block, or finds it a repeat.
    async fn open(
        &self,
        feed: &UsageFeed,
        stored: &StoredBlock,
    ) -> Result<Option<UsageBlock>, UsageFeedError> {
        let block = self.decode(stored)?;
        let standing = self.segments.lock().standing(block.header());
        match standing {
            Standing::AlreadyRead => return Ok(None),
            Standing::Follows => {}
            Standing::NeedsEntriesFrom(first) => {
                self.learn(feed, &block, Place(first), stored.place).await?;
            }
        }
        let read = |segments: &mut SegmentReader, keys: &_| {
            let decisions = segments.read(&block, keys)?;
            let counts = segments.counts(block.header())?;
            let clients = segments.added_clients(block.header())?;
            Ok((decisions, counts, clients, segments.tenants(&block)?))
        };
        let (decisions, counts, clients, tenants) = self.with_keys(feed, &block, stored.place, read).await?;
        let (lane, place, bytes) = (self.lane, stored.place, stored.bytes.len());
        let leaf = Leaf::of(&stored.bytes);
        Ok(Some(UsageBlock { lane, place, leaf, bytes, block, counts, clients, tenants, decisions }))
    }

    /// Learns the entries of the segment of `block` from its first block up to `before`.
    async fn learn(
        &self,
        feed: &UsageFeed,
        block: &Block,
        first: Place,
        before: Place,
    ) -> Result<(), UsageFeedError> {
        let missing = || UsageFeedError::Missing { lane: self.lane, place: before };
        let mut after = Place(first.0.checked_sub(1).filter(|it| *it < before.0).ok_or_else(missing)?);
        while after < before {
            let page = feed.log.read(self.lane, after, LEARNED_AT_ONCE).await?;
            let last = page.last().ok_or_else(missing)?.place;
            for stored in page.iter().filter(|it| it.place < before) {
                let earlier = self.decode(stored)?;
                if earlier.header().place == block.header().place {
                    let learn = |segments: &mut SegmentReader, keys: &_| segments.learn(&earlier, keys);
                    self.with_keys(feed, &earlier, stored.place, learn).await?;
                }
            }
            tokio::task::yield_now().await;
            after = last;
        }
        match self.segments.lock().standing(block.header()) {
            Standing::Follows => Ok(()),
            Standing::AlreadyRead | Standing::NeedsEntriesFrom(_) => Err(missing()),
        }
    }

    /// Does something with the keys that a block needs:
    ///
    /// ```text
    /// t0  A: asks for ada's key         t1  B: forgets ada's key, then what readers hold
    /// t2  A: would open and keep it     so A sees that the generation moved, and asks again
    /// ```
    async fn with_keys<T>(
        &self,
        feed: &UsageFeed,
        block: &Block,
        place: Place,
        mut act: impl FnMut(&mut SegmentReader, &KeySet) -> Result<T, ReadError>,
    ) -> Result<T, UsageFeedError> {
        loop {
            let generation = feed.readers.generation();
            let subjects = self.segments.lock().subjects(block).map_err(|err| self.failed(place, err))?;
            let subjects: Vec<_> = subjects.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            let keys = feed.keyring.keys_for_opening(&subjects).await?;
            let mut segments = self.segments.lock();
            if feed.readers.generation() == generation {
                return act(&mut segments, &keys).map_err(|err| self.failed(place, err));
            }
        }
    }

    fn decode(&self, stored: &StoredBlock) -> Result<Block, UsageFeedError> {
        let (lane, place) = (self.lane, stored.place);
        Block::decode(&stored.bytes).map_err(|source| UsageFeedError::Damaged { lane, place, source })
    }

    fn failed(&self, place: Place, err: ReadError) -> UsageFeedError {
        let lane = self.lane;
        match err {
            ReadError::Gap => UsageFeedError::Missing { lane, place },
            ReadError::Forged { subject } => UsageFeedError::Forged { lane, place, subject },
            ReadError::Block(source) => UsageFeedError::Damaged { lane, place, source },
        }
    }
}
