//! A ledger in memory that keeps the contract: for tests, and for what needs no disk.

use std::collections::HashMap;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{
    Append, AppendError, Appended, EventLog, Leaf, Limit, NewRecord, Page, Position, ReadError, StoredRecord,
    StreamName, Version,
};

/// A ledger that lives as long as its value. It can be told to fail as real engines do.
///
/// A write by somebody else, between another's reading and appending, is a plain
/// [`append`](EventLog::append).
pub struct MemoryLog {
    held: Mutex<Held>,
    head: watch::Sender<Position>,
}

#[derive(Default)]
struct Held {
    records: Vec<StoredRecord>,
    streams: HashMap<StreamName, Vec<Position>>,
    mishap: Option<Mishap>,
}

#[derive(Clone, Copy)]
enum Mishap {
    LoseAnswer,
    Refuse,
}

impl MemoryLog {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self { held: Mutex::default(), head: watch::Sender::new(Position(0)) }
    }

    /// The next append is stored as usual, if it passes, but its caller is told
    /// [`AppendError::Unknown`].
    pub fn lose_next_answer(&self) {
        self.held.lock().mishap = Some(Mishap::LoseAnswer);
    }

    /// The next append is refused as [`AppendError::Unavailable`] and stores nothing.
    pub fn fail_next_append(&self) {
        self.held.lock().mishap = Some(Mishap::Refuse);
    }
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append.check_size()?;
        let mut held = self.held.lock();
        let mishap = held.mishap.take();
        if matches!(mishap, Some(Mishap::Refuse)) {
            return Err(AppendError::Unavailable("told to fail".to_owned()));
        }
        let appended = held.append(append)?;
        self.head.send_replace(held.head());
        match mishap {
            Some(Mishap::LoseAnswer) => Err(AppendError::Unknown("told to lose it".to_owned())),
            Some(Mishap::Refuse) | None => Ok(appended),
        }
    }

    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
        let held = self.held.lock();
        let read = asked.iter().map(|(stream, after)| held.stream_after(stream, *after));
        Ok(read.map(|records| records.cloned().collect()).collect())
    }

    async fn read_all(&self, after: Position, limit: Limit) -> Result<Page, ReadError> {
        let kept = self.held.lock();
        let head = kept.head();
        let rest = usize::try_from(after.0).ok().and_then(|skipped| kept.records.get(skipped..));
        let rest = rest.ok_or(ReadError::Beyond { asked: after, head })?;
        let fitting = limit.fitting(rest.iter().map(|record| record.bytes.len()));
        Ok(Page { records: rest.iter().take(fitting).cloned().collect(), head })
    }

    fn is_writable(&self) -> Result<(), String> {
        Ok(())
    }

    fn head(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

impl Held {
    fn head(&self) -> Position {
        Position(self.records.len() as u64)
    }

    fn version(&self, stream: &StreamName) -> Version {
        Version(self.streams.get(stream).map_or(0, |positions| positions.len() as u64))
    }

    fn append(&mut self, append: Append) -> Result<Appended, AppendError> {
        let actual = self.version(&append.stream);
        if append.expected != actual {
            return self.first_outcome(&append).ok_or(AppendError::Conflict {
                stream: append.stream,
                expected: append.expected,
                actual,
            });
        }
        for record in append.records {
            self.push(append.stream.clone(), record);
        }
        Ok(Appended { position: self.head(), version: self.version(&append.stream) })
    }

    fn push(&mut self, stream: StreamName, record: NewRecord) {
        let position = self.head().next();
        let version = self.version(&stream).next();
        self.streams.entry(stream.clone()).or_default().push(position);
        self.records.push(StoredRecord {
            position,
            stream,
            version,
            event_id: record.event_id,
            leaf: Leaf::of(&record.bytes),
            bytes: record.bytes,
        });
    }

    /// The outcome of the same append before, if exactly its ids stand at exactly its versions.
    fn first_outcome(&self, append: &Append) -> Option<Appended> {
        let mut stored = self.stream_after(&append.stream, append.expected);
        let mut last = None;
        for record in &append.records {
            last = Some(stored.next().filter(|it| it.event_id == record.event_id)?);
        }
        last.map(|it| Appended { position: it.position, version: it.version })
    }

    fn stream_after(&self, stream: &StreamName, after: Version) -> impl Iterator<Item = &StoredRecord> {
        let positions = self.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let skipped = usize::try_from(after.0).unwrap_or(usize::MAX);
        let indexes = positions
            .iter()
            .skip(skipped)
            .filter_map(|position| usize::try_from(position.0.checked_sub(1)?).ok());
        indexes.filter_map(|index| self.records.get(index))
    }
}
