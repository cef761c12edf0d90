//! What every rule needs: a log, streams and records of its own, and short ways to use them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{sync::watch, time::timeout};

pub(super) use crate::report::{all_of, equal, holds};

use super::{Broken, Factory};
use crate::ledger::{
    Append, Appended, EventLog, Leaf, Limit, NewRecord, Page, Position, StoredRecord, StreamName, Version,
};

/// How long a rule waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);
/// A page of ordinary size.
pub(super) const PAGE: Limit = Limit { records: 100, bytes: 1024 * 1024 };

/// One rule's part of the log.
#[derive(Clone)]
pub(super) struct Scene {
    factory: Arc<dyn Factory>,
    /// The log under test.
    pub(super) log: Arc<dyn EventLog>,
    /// The head when the rule began.
    pub(super) start: Position,
    rule: &'static str,
    ids: Arc<AtomicU64>,
}

impl Scene {
    pub(super) async fn set(factory: Arc<dyn Factory>, rule: &'static str) -> Result<Self, Broken> {
        let log = factory.open().await.map_err(Broken::because)?;
        let start = log.read_all(Position(0), Limit { records: 1, bytes: 0 }).await?.head;
        Ok(Self { factory, log, start, rule, ids: Arc::default() })
    }

    /// Closes the log and opens it again.
    pub(super) async fn restart(self) -> Result<Self, Broken> {
        let Self { factory, log, start, rule, ids } = self;
        let log = factory.reopen(log).await.map_err(Broken::because)?;
        Ok(Self { factory, log, start, rule, ids })
    }

    /// A stream that no run before has used: the head was never here before.
    pub(super) fn stream(&self, name: &str) -> StreamName {
        StreamName::new(format!("contract-{}-{}-{name}", self.start, self.rule))
    }

    /// A record with an id that no other has.
    pub(super) fn record(&self) -> NewRecord {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let text = format!("{}-{}-{number}", self.start, self.rule);
        let mut event_id = [0; 16];
        for (to, from) in event_id.iter_mut().zip(Leaf::of(text.as_bytes()).0) {
            *to = from;
        }
        NewRecord { event_id, bytes: Bytes::from(text) }
    }

    /// Some new records for a stream at that version.
    pub(super) fn append(&self, stream: &StreamName, expected: u64, records: usize) -> Append {
        Append {
            stream: stream.clone(),
            expected: Version(expected),
            records: (0..records).map(|_| self.record()).collect(),
        }
    }

    /// Appends some new records, which must pass.
    pub(super) async fn grow(
        &self,
        stream: &StreamName,
        expected: u64,
        records: usize,
    ) -> Result<Appended, Broken> {
        Ok(self.log.append(self.append(stream, expected, records)).await?)
    }

    /// All records since the rule began.
    pub(super) async fn everything(&self) -> Result<Vec<StoredRecord>, Broken> {
        let mut all: Vec<StoredRecord> = Vec::new();
        loop {
            let after = all.last().map_or(self.start, |it| it.position);
            let page = self.log.read_all(after, PAGE).await?;
            if page.records.is_empty() {
                return Ok(all);
            }
            all.extend(page.records);
        }
    }

    /// All records of one stream after a version.
    pub(super) async fn stream_after(
        &self,
        stream: &StreamName,
        after: u64,
    ) -> Result<Vec<StoredRecord>, Broken> {
        let read = self.log.read_streams(&[(stream.clone(), Version(after))]).await?;
        equal("the number of lists for one stream asked", &read.len(), &1)?;
        Ok(read.into_iter().flatten().collect())
    }

    /// Waits until a watch of the head shows at least that position; returns what it shows.
    pub(super) async fn head_reaches(
        &self,
        position: Position,
        head: &mut watch::Receiver<Position>,
    ) -> Result<Position, Broken> {
        let reached = timeout(PATIENCE, head.wait_for(|it| position <= *it)).await;
        match reached {
            Ok(Ok(reached)) => Ok(*reached),
            Ok(Err(_)) => Err(Broken::because("the watch of the head ended")),
            Err(_) => Err(Broken::because(format!(
                "the watch of the head did not show {position} within {PATIENCE:?}"
            ))),
        }
    }

    /// One page.
    pub(super) async fn page(&self, after: Position, limit: Limit) -> Result<Page, Broken> {
        Ok(self.log.read_all(after, limit).await?)
    }
}

/// The positions of some records.
pub(super) fn positions(records: &[StoredRecord]) -> Vec<Position> {
    records.iter().map(|it| it.position).collect()
}

/// The versions of some records.
pub(super) fn versions(records: &[StoredRecord]) -> Vec<u64> {
    records.iter().map(|it| it.version.0).collect()
}
