//! What the newest part of the log holds, in memory: most reads near the head and most expected
//! versions need no disk. It is filled after commits only, so it never runs ahead of the file.

use std::collections::{HashMap, VecDeque};

use parking_lot::RwLock;

use crate::ledger::{Limit, Page, Position, StoredRecord, StreamName, Version};

/// The most records kept.
pub(super) const MOST_RECORDS: usize = 8_192;
/// The most bytes of records kept: 16 MiB.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Streams whose last version is kept in each of two generations, about 100 bytes each.
pub(super) const GENERATION: usize = 32_768;

/// The newest records, and the last versions of the streams that were used last.
pub(super) struct Recent {
    kept: RwLock<Kept>,
}

struct Kept {
    head: Position,
    /// Consecutive records, the last of them at the head.
    newest: VecDeque<StoredRecord>,
    bytes: usize,
    /// Where the streams of the newest records have theirs.
    places: HashMap<StreamName, VecDeque<Position>>,
    versions: Versions,
}

impl Recent {
    /// Nothing is known yet but the head.
    pub(super) fn new(head: Position) -> Self {
        Self {
            kept: RwLock::new(Kept {
                head,
                newest: VecDeque::new(),
                bytes: 0,
                places: HashMap::new(),
                versions: Versions::default(),
            }),
        }
    }

    /// The last committed position.
    pub(super) fn head(&self) -> Position {
        self.kept.read().head
    }

    /// Takes up records that have just been committed, in the order of their positions.
    pub(super) fn publish(&self, committed: impl Iterator<Item = StoredRecord>) {
        let mut kept = self.kept.write();
        committed.for_each(|record| kept.push(record));
        kept.forget_oldest();
    }

    /// The last version of a stream, if known.
    pub(super) fn version_of(&self, stream: &StreamName) -> Option<Version> {
        self.kept.read().versions.get(stream)
    }

    /// One page of the log, if all of it is near the head.
    pub(super) fn page(&self, after: Position, limit: Limit) -> Option<Page> {
        let kept = self.kept.read();
        let rest = kept.newest_after(after)?;
        let fitting = limit.fitting(rest.clone().map(|record| record.bytes.len()));
        Some(Page { records: rest.take(fitting).cloned().collect(), head: kept.head })
    }

    /// Of each stream the records after that version, where all of them are known.
    pub(super) fn streams(&self, asked: &[(StreamName, Version)]) -> Vec<Option<Vec<StoredRecord>>> {
        let kept = self.kept.read();
        asked.iter().map(|(stream, after)| kept.stream_after(stream, *after)).collect()
    }

    /// Notes the last version of a stream as it was read from the file, by a read that began when
    /// the head was `began`.
    ///
    /// Only if nothing has been committed to that stream since:
    /// - t0 the reader notes the head, t1 it reads version 5 from the file,
    /// - t2 the writer commits and publishes version 6, t3 the reader would note version 5.
    pub(super) fn learn(&self, stream: &StreamName, version: Version, began: Position) {
        let mut kept = self.kept.write();
        let all_since_known = kept.newest_after(began).is_some();
        let last_place = kept.places.get(stream).and_then(VecDeque::back);
        if all_since_known && last_place.is_none_or(|place| *place <= began) {
            kept.versions.note(stream.clone(), version);
        }
    }
}

impl Kept {
    fn push(&mut self, record: StoredRecord) {
        self.head = record.position;
        self.bytes += record.bytes.len();
        self.places.entry(record.stream.clone()).or_default().push_back(record.position);
        self.versions.note(record.stream.clone(), record.version);
        self.newest.push_back(record);
    }

    fn forget_oldest(&mut self) {
        while MOST_RECORDS < self.newest.len() || MOST_BYTES < self.bytes {
            let Some(oldest) = self.newest.pop_front() else {
                return;
            };
            self.bytes -= oldest.bytes.len();
            if let Some(places) = self.places.get_mut(&oldest.stream) {
                places.pop_front();
                if places.is_empty() {
                    self.places.remove(&oldest.stream);
                }
            }
        }
    }

    /// The records after a position, if all of them are still here.
    fn newest_after(&self, after: Position) -> Option<impl Iterator<Item = &StoredRecord> + Clone> {
        let rest = usize::try_from(self.head.0.checked_sub(after.0)?).ok()?;
        let skipped = self.newest.len().checked_sub(rest)?;
        Some(self.newest.range(skipped..))
    }

    fn stream_after(&self, stream: &StreamName, after: Version) -> Option<Vec<StoredRecord>> {
        let last = self.versions.get(stream)?;
        let rest = usize::try_from(last.0.saturating_sub(after.0)).ok()?;
        if rest == 0 {
            return Some(Vec::new());
        }
        let places = self.places.get(stream)?;
        let skipped = places.len().checked_sub(rest)?;
        places.range(skipped..).map(|place| self.at(*place).cloned()).collect()
    }

    fn at(&self, position: Position) -> Option<&StoredRecord> {
        let first = self.newest.front()?.position;
        self.newest.get(usize::try_from(position.0.checked_sub(first.0)?).ok()?)
    }
}

/// Last versions in two generations: when the young one is full, the old one is forgotten. What
/// is used again is noted again, so the streams in use stay.
#[derive(Default)]
struct Versions {
    young: HashMap<StreamName, Version>,
    old: HashMap<StreamName, Version>,
}

impl Versions {
    fn get(&self, stream: &StreamName) -> Option<Version> {
        self.young.get(stream).or_else(|| self.old.get(stream)).copied()
    }

    fn note(&mut self, stream: StreamName, version: Version) {
        if self.get(&stream).is_some_and(|known| version < known) {
            return;
        }
        if GENERATION <= self.young.len() && !self.young.contains_key(&stream) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(stream, version);
    }
}
