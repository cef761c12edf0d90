//! What the newest part of the log holds, in memory: most reads near the head and most expected
//! versions need no disk. It is filled after commits only, so it never runs ahead of the file.

use std::collections::{HashMap, VecDeque, vec_deque};

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
    newest: VecDeque<Link>,
    bytes: usize,
    streams: Streams,
}

/// A record, and the way to the one before it in its stream.
struct Link {
    record: StoredRecord,
    /// 0 if that is not known: it is the first, or the stream had been forgotten.
    before: Position,
}

/// The end of a stream.
#[derive(Clone, Copy)]
struct End {
    version: Version,
    /// Where the last record is; 0 if that is not known.
    position: Position,
}

impl Recent {
    /// Nothing is known yet but the head.
    pub(super) fn new(head: Position) -> Self {
        Self {
            kept: RwLock::new(Kept { head, newest: VecDeque::new(), bytes: 0, streams: Streams::default() }),
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
        self.kept.read().streams.get(stream).map(|end| end.version)
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
        let untouched = |mut since: Newest<'_>| since.all(|record| record.stream != *stream);
        if kept.newest_after(began).is_some_and(untouched) && kept.streams.get(stream).is_none() {
            kept.streams.note(stream.clone(), End { version, position: Position(0) });
        }
    }
}

type Newest<'a> = std::iter::Map<vec_deque::Iter<'a, Link>, fn(&Link) -> &StoredRecord>;

impl Kept {
    fn push(&mut self, record: StoredRecord) {
        let before = match record.version {
            Version(1) => None,
            _ => self.streams.get(&record.stream),
        };
        let before = before.map_or(Position(0), |end| end.position);
        let end = End { version: record.version, position: record.position };
        self.streams.note(record.stream.clone(), end);
        self.head = record.position;
        self.bytes += record.bytes.len();
        self.newest.push_back(Link { record, before });
    }

    fn forget_oldest(&mut self) {
        while MOST_RECORDS < self.newest.len() || MOST_BYTES < self.bytes {
            let Some(oldest) = self.newest.pop_front() else { return };
            self.bytes -= oldest.record.bytes.len();
        }
    }

    /// The records after a position, if all of them are still here.
    fn newest_after(&self, after: Position) -> Option<Newest<'_>> {
        let rest = usize::try_from(self.head.0.checked_sub(after.0)?).ok()?;
        let skipped = self.newest.len().checked_sub(rest)?;
        Some(self.newest.range(skipped..).map(|link| &link.record))
    }

    /// Goes back from the end of the stream; nothing if the way leads out of what is kept.
    fn stream_after(&self, stream: &StreamName, after: Version) -> Option<Vec<StoredRecord>> {
        let end = self.streams.get(stream)?;
        let mut records = Vec::new();
        let mut place = end.position;
        for _ in after.0..end.version.0 {
            let link = self.at(place)?;
            records.push(link.record.clone());
            place = link.before;
        }
        records.reverse();
        Some(records)
    }

    fn at(&self, position: Position) -> Option<&Link> {
        let first = self.newest.front()?.record.position;
        self.newest.get(usize::try_from(position.0.checked_sub(first.0)?).ok()?)
    }
}

/// The ends of streams in two generations: when the young one is full, the old one is forgotten.
/// What is used again is noted again, so the streams in use stay.
#[derive(Default)]
struct Streams {
    young: HashMap<StreamName, End>,
    old: HashMap<StreamName, End>,
}

impl Streams {
    fn get(&self, stream: &StreamName) -> Option<End> {
        self.young.get(stream).or_else(|| self.old.get(stream)).copied()
    }

    fn note(&mut self, stream: StreamName, end: End) {
        if GENERATION <= self.young.len() {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(stream, end);
    }
}
