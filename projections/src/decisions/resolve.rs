//! Rows of single blocks, with what they name found where it was added.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use eventlog::usage::{Lane, Place};
use schemas::sealing::KeySet;
use schemas::usage::{Block, Entry, Glossary, ReadError, RecordedDecision, SegmentPlace};

use super::DecisionError;
use super::chapter::Chapter;
use super::index::Index;
use crate::usage_feed::{UsageFeed, UsageFeedError};

/// Blocks that are kept decoded: about half a megabyte each at most.
const KEPT_BLOCKS: usize = 32;
/// Entries that are kept of one segment.
const KEPT_ENTRIES: usize = 65_536;

/// Reads rows for one search.
pub(super) struct Resolver<'a> {
    index: &'a Index,
    feed: &'a UsageFeed,
    glossaries: HashMap<SegmentPlace, Glossary>,
    /// Chapters by what they add, those found last at the end.
    chapters: Vec<Arc<Chapter>>,
    blocks: HashMap<(Lane, Place), Arc<Block>>,
    read: usize,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(index: &'a Index, feed: &'a UsageFeed) -> Self {
        let (glossaries, blocks) = (HashMap::new(), HashMap::new());
        Self { index, feed, glossaries, chapters: Vec::new(), blocks, read: 0 }
    }

    /// How many blocks were read up to now.
    pub(super) fn blocks_read(&self) -> usize {
        self.read
    }

    /// A block, decoded.
    pub(super) async fn block(&mut self, lane: Lane, place: Place) -> Result<Arc<Block>, DecisionError> {
        if let Some(block) = self.blocks.get(&(lane, place)) {
            return Ok(Arc::clone(block));
        }
        let block = Arc::new(self.feed.block_at(lane, place).await?);
        self.read += 1;
        if KEPT_BLOCKS <= self.blocks.len() {
            self.blocks.clear();
        }
        self.blocks.insert((lane, place), Arc::clone(&block));
        Ok(block)
    }

    /// Some rows of a block of that chapter, by their places in it.
    pub(super) async fn rows(
        &mut self,
        place: Place,
        chapter: &Arc<Chapter>,
        rows: &BTreeSet<usize>,
    ) -> Result<Vec<RecordedDecision>, DecisionError> {
        let segment = chapter.segment;
        let lane = Lane(segment.lane);
        let block = self.block(lane, place).await?;
        let mut glossary = self.glossaries.remove(&segment).filter(|it| it.len() < KEPT_ENTRIES);
        let glossary = glossary.get_or_insert_with(|| Glossary::new(segment));
        self.learn(glossary, place, chapter, &block).await?;
        loop {
            let lacking = glossary.lacks(&block, rows);
            let Some(entry) = lacking.first().copied() else { break };
            let (at, chapter) = self.adding(chapter, entry).await?;
            let adding = self.block(lane, at).await?;
            self.learn(glossary, at, &chapter, &adding).await?;
            if !glossary.knows(entry) {
                return Err(UsageFeedError::Missing { lane, place: at }.into());
            }
        }
        let keys = self.keys(glossary, &block, place).await?;
        let read = glossary.read(&block, rows, &keys).map_err(|err| failed(lane, place, err))?;
        let glossary = std::mem::replace(glossary, Glossary::new(segment));
        self.glossaries.insert(segment, glossary);
        Ok(read)
    }

    /// Takes in all that a block adds to its segment.
    async fn learn(
        &mut self,
        glossary: &mut Glossary,
        place: Place,
        chapter: &Arc<Chapter>,
        block: &Block,
    ) -> Result<(), DecisionError> {
        let lane = Lane(chapter.segment.lane);
        glossary.note(block).map_err(|err| failed(lane, place, err))?;
        loop {
            let lacking = glossary.lacks_to_learn(block);
            let Some(entry) = lacking.first().copied() else { break };
            let (at, _) = self.adding(chapter, entry).await?;
            let adding = self.block(lane, at).await?;
            glossary.note(&adding).map_err(|err| failed(lane, at, err))?;
            if !glossary.knows(entry) {
                return Err(UsageFeedError::Missing { lane, place: at }.into());
            }
        }
        let keys = self.keys(glossary, block, place).await?;
        glossary.learn(block, &keys).map_err(|err| failed(lane, place, err))
    }

    async fn keys(&self, glossary: &Glossary, block: &Block, place: Place) -> Result<KeySet, DecisionError> {
        let lane = Lane(block.header().place.lane);
        let subjects = glossary.subjects(block).map_err(|err| failed(lane, place, err))?;
        let subjects: Vec<_> = subjects.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let keys = self.feed.keyring().keys_for_opening(&subjects).await;
        Ok(keys.map_err(UsageFeedError::from)?)
    }

    /// The block of the segment that adds an entry.
    async fn adding(
        &mut self,
        near: &Arc<Chapter>,
        entry: Entry,
    ) -> Result<(Place, Arc<Chapter>), DecisionError> {
        let at = |chapter: &Arc<Chapter>| {
            let note = chapter.blocks.iter().find(|it| it.adds(entry))?;
            Some((note.place, Arc::clone(chapter)))
        };
        let held = self.chapters.iter().rev().filter(|it| it.segment == near.segment);
        if let Some(found) = at(near).or_else(|| held.into_iter().find_map(at)) {
            return Ok(found);
        }
        let chapter = self.index.adding(near.segment, entry).await?.map(Arc::new);
        let found = chapter.as_ref().and_then(at);
        if KEPT_BLOCKS <= self.chapters.len() {
            self.chapters.remove(0);
        }
        self.chapters.extend(chapter);
        let missing = || {
            let place = near.blocks.first().map(|it| it.place).unwrap_or_default();
            DecisionError::from(UsageFeedError::Missing { lane: Lane(near.segment.lane), place })
        };
        found.ok_or_else(missing)
    }
}

/// What it means that the block at that place cannot be read.
fn failed(lane: Lane, place: Place, err: ReadError) -> DecisionError {
    let err = match err {
        ReadError::Gap => UsageFeedError::Missing { lane, place },
        ReadError::Forged { subject } => UsageFeedError::Forged { lane, place, subject },
        ReadError::Block(source) => UsageFeedError::Damaged { lane, place, source },
    };
    err.into()
}
