//! The blocks that were opened last.

use std::collections::VecDeque;
use std::sync::Arc;

use eventlog::usage::Place;

use super::UsageBlock;

/// The most blocks that are kept.
const KEPT: usize = 256;

/// The most rows that are kept; one takes about half a kilobyte.
const KEPT_ROWS: usize = 32_768;

/// All blocks of a stretch of a lane, repeats left out.
#[derive(Default)]
pub(super) struct Ring {
    kept: VecDeque<Arc<UsageBlock>>,
    rows: usize,
    /// The stretch: all after the first place up to the last.
    after: Place,
    up_to: Place,
    generation: u64,
}

/// What is kept after a place.
pub(super) struct Kept {
    pub(super) blocks: Vec<Arc<UsageBlock>>,
    /// Up to where that is all.
    pub(super) up_to: Place,
}

impl Ring {
    /// Moves whenever all is forgotten.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn clear(&mut self) {
        self.generation += 1;
        self.begin(self.up_to);
    }

    /// What follows a place, if that lies in what is kept, and something does.
    pub(super) fn after(&self, place: Place, limit: usize) -> Option<Kept> {
        if place < self.after || self.up_to <= place {
            return None;
        }
        let first = self.kept.partition_point(|it| it.place <= place);
        let blocks: Vec<_> = self.kept.iter().skip(first).take(limit.max(1)).cloned().collect();
        let is_all = first + blocks.len() == self.kept.len();
        let last = blocks.last().map(|it| it.place);
        let up_to = last.filter(|_| !is_all).unwrap_or(self.up_to);
        Some(Kept { blocks, up_to })
    }

    /// Keeps what was read after `after` up to `up_to`, unless all was forgotten since.
    pub(super) fn keep(&mut self, generation: u64, after: Place, up_to: Place, blocks: &[Arc<UsageBlock>]) {
        if self.generation != generation {
            return self.begin(up_to);
        }
        if self.up_to != after {
            self.begin(after);
        }
        for block in blocks {
            self.rows += block.decisions.len();
            self.kept.push_back(Arc::clone(block));
        }
        self.up_to = up_to;
        while KEPT < self.kept.len() || KEPT_ROWS < self.rows {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.rows -= oldest.decisions.len();
            self.after = oldest.place;
        }
    }

    fn begin(&mut self, at: Place) {
        self.kept.clear();
        self.rows = 0;
        self.after = at;
        self.up_to = at;
    }
}
