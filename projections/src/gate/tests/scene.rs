//! A ledger that can be told to fail, and a gate that follows it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use eventlog::{
    Append, AppendError, Appended, EventLog, Limit, MemoryLog, NewRecord, Page, Position, ReadError,
    StoredRecord, StreamName, Version,
};
use schemas::{
    record::{encode, subjects},
    sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness},
};
use tokio::sync::watch;

use super::story::{Story, new_gate};
use crate::{feed::Feed, gate::GateFollower};

/// How a ledger answers those who read on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Well,
    /// It takes its time.
    Slow(Duration),
    /// It says that it cannot.
    Refuses,
    /// It says nothing until it is well again.
    Silent,
}

/// A ledger with a mood.
pub(super) struct MoodyLog {
    log: MemoryLog,
    pub(super) mood: watch::Sender<Mood>,
}

#[async_trait]
impl EventLog for MoodyLog {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.log.append(append).await
    }

    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
        self.log.read_streams(asked).await
    }

    async fn read_all(&self, after: Position, limit: Limit) -> Result<Page, ReadError> {
        let page = self.log.read_all(after, limit).await;
        let mood = *self.mood.borrow();
        match mood {
            Mood::Well => {}
            Mood::Slow(time) => tokio::time::sleep(time).await,
            Mood::Refuses => return Err(ReadError::Unavailable("it is busy".to_owned())),
            Mood::Silent => drop(self.mood.subscribe().wait_for(|it| *it != Mood::Silent).await),
        }
        page
    }

    fn head(&self) -> watch::Receiver<Position> {
        self.log.head()
    }

    fn is_writable(&self) -> Result<(), String> {
        self.log.is_writable()
    }
}

/// A ledger, and a follower of it.
pub(super) struct Scene {
    pub(super) log: Arc<MoodyLog>,
    keyring: Arc<Keyring>,
    pub(super) follower: Arc<GateFollower>,
}

impl Scene {
    pub(super) fn new() -> Self {
        let log = Arc::new(MoodyLog { log: MemoryLog::default(), mood: watch::Sender::new(Mood::Well) });
        let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
        let keyring = Keyring::new(Arc::new(MemoryShelf::default()), masters, Arc::new(OsRandomness), 100);
        let keyring = Arc::new(keyring);
        let feed = Arc::new(Feed::new(log.clone(), keyring.clone()));
        let follower = Arc::new(GateFollower::new(Arc::new(new_gate()), feed));
        Self { log, keyring, follower }
    }

    /// Appends the facts of a story, from that one on.
    pub(super) async fn append(&self, story: &Story, from: usize) {
        for (at, event) in story.events.iter().enumerate().skip(from) {
            let stream = event.recorded.stream;
            let before = story.events[..at].iter().filter(|it| it.recorded.stream == stream).count() as u64;
            let recorded = domain::fact::Recorded { version: before + 1, ..event.recorded.as_ref().clone() };
            let keys = self.keyring.keys_for_sealing(&subjects(&recorded)).await.unwrap();
            let bytes = encode(&recorded, &keys, &OsRandomness).unwrap().into();
            let record = NewRecord { event_id: recorded.id.bits().to_be_bytes(), bytes };
            let (stream, expected) = (StreamName::new(stream.to_string()), Version(before));
            self.log.append(Append { stream, expected, records: vec![record] }).await.unwrap();
        }
    }
}
