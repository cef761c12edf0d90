//! The facts that were decoded last.

use std::collections::VecDeque;
use std::sync::Arc;

use eventlog::{Limit, Position};

use super::{FeedPage, Opened};

/// The most facts that are kept.
const KEPT: usize = 4_096;

/// The most bytes of records whose facts are kept; a fact takes about three times its record.
const KEPT_BYTES: usize = 4 << 20;

/// Consecutive facts, the latest ones that anybody has read.
#[derive(Default)]
pub(super) struct Ring {
    kept: VecDeque<Opened>,
    bytes: usize,
    generation: u64,
}

impl Ring {
    /// Moves whenever all is forgotten.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn clear(&mut self) {
        self.generation += 1;
        self.empty();
    }

    /// What is kept of the facts after a position, if that is at least the first of them.
    pub(super) fn after(&self, after: Position, limit: Limit, head: Position) -> Option<FeedPage> {
        let first = self.kept.front()?.event.position;
        let skipped = usize::try_from(after.next().0.checked_sub(first.0)?).ok()?;
        let mut page = FeedPage { events: Vec::new(), head, bytes: 0 };
        for Opened { event, bytes } in self.kept.iter().skip(skipped) {
            let full = limit.records <= page.events.len() || limit.bytes < page.bytes.saturating_add(*bytes);
            if full && !page.events.is_empty() {
                break;
            }
            page.head = page.head.max(event.position);
            page.bytes += bytes;
            page.events.push(Arc::clone(event));
        }
        (!page.events.is_empty()).then_some(page)
    }

    /// Keeps what is newer than all that is kept, unless all was forgotten since it was read.
    pub(super) fn keep(&mut self, generation: u64, opened: &[Opened]) {
        if self.generation != generation {
            return;
        }
        let end = self.kept.back().map_or(Position(0), |it| it.event.position);
        let newer = opened.iter().filter(|it| end < it.event.position);
        if newer.clone().next().is_some_and(|it| it.event.position != end.next()) {
            self.empty();
        }
        for it in newer {
            self.bytes += it.bytes;
            self.kept.push_back(it.clone());
        }
        while KEPT < self.kept.len() || KEPT_BYTES < self.bytes {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.bytes;
        }
    }

    fn empty(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }
}
