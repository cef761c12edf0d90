//! The baseline: appends by hand, as one would write them for speed alone. Callers hand their records to one thread;
//! it stores all that wait in one transaction, and answers them after the commit.

use std::{path::Path, thread};

use anyhow::{Context, anyhow, ensure};
use rusqlite::{Connection, Statement, params};
use tokio::sync::{mpsc, oneshot};

/// The most records in one transaction.
const GROUP: usize = 512;

/// The columns and indexes of the ledger, without its guards.
const SCHEMA: &str = "
    CREATE TABLE records (
        position INTEGER PRIMARY KEY,
        stream   TEXT    NOT NULL,
        version  INTEGER NOT NULL,
        event_id BLOB    NOT NULL,
        leaf     BLOB    NOT NULL,
        bytes    BLOB    NOT NULL,
        UNIQUE (stream, version)
    ) STRICT";

/// One record for one stream.
pub(super) struct Record {
    pub(super) stream: String,
    /// The version that the stream must have.
    pub(super) expected: i64,
    pub(super) event_id: [u8; 16],
    pub(super) leaf: [u8; 32],
    pub(super) bytes: Vec<u8>,
}

/// The way to the thread that writes.
pub(super) struct GroupCommit {
    inbox: mpsc::Sender<Request>,
    writer: thread::JoinHandle<anyhow::Result<()>>,
}

struct Request {
    record: Record,
    answer: oneshot::Sender<bool>,
}

impl GroupCommit {
    /// Makes a file and starts the thread.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        // As the ledger has them.
        connection.pragma_update(None, "cache_size", -32_768)?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.execute_batch(SCHEMA)?;
        let (inbox, requests) = mpsc::channel(2 * GROUP);
        let writer = thread::spawn(move || write(&connection, requests));
        Ok(Self { inbox, writer })
    }

    /// Stores a record; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the stream has another version, or nothing is stored any more.
    pub(super) async fn append(&self, record: Record) -> anyhow::Result<()> {
        let (answer, answered) = oneshot::channel();
        self.inbox.send(Request { record, answer }).await.map_err(|_| anyhow!("nobody writes"))?;
        ensure!(answered.await.context("the writer gave no answer")?, "the stream has another version");
        Ok(())
    }

    /// Waits for the thread; blocks.
    ///
    /// # Errors
    /// When something was not stored.
    pub(super) fn close(self) -> anyhow::Result<()> {
        drop(self.inbox);
        self.writer.join().map_err(|_| anyhow!("the writer panicked"))?
    }
}

fn write(connection: &Connection, mut requests: mpsc::Receiver<Request>) -> anyhow::Result<()> {
    let mut begin = connection.prepare("BEGIN IMMEDIATE")?;
    let mut commit = connection.prepare("COMMIT")?;
    let mut version =
        connection.prepare("SELECT coalesce(max(version), 0) FROM records WHERE stream = ?1")?;
    let mut insert = connection.prepare(
        "INSERT INTO records (position, stream, version, event_id, leaf, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut position = 0;
    let mut group = Vec::with_capacity(GROUP);
    while 0 < requests.blocking_recv_many(&mut group, GROUP) {
        begin.execute([])?;
        let mut answers = Vec::with_capacity(group.len());
        for Request { record, answer } in group.drain(..) {
            let stored = store(&mut version, &mut insert, position + 1, &record)?;
            position += i64::from(stored);
            answers.push((answer, stored));
        }
        commit.execute([])?;
        for (answer, stored) in answers {
            // A caller that has gone away needs none.
            let _ = answer.send(stored);
        }
    }
    Ok(())
}

/// Stores a record if its stream has the version that it must have.
fn store(
    version: &mut Statement<'_>,
    insert: &mut Statement<'_>,
    position: i64,
    record: &Record,
) -> rusqlite::Result<bool> {
    let Record { stream, expected, event_id, leaf, bytes } = record;
    let found: i64 = version.query_row([stream], |row| row.get(0))?;
    if found != *expected {
        return Ok(false);
    }
    insert.execute(params![position, stream, expected + 1, event_id, leaf, bytes])?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scratch::Scratch;

    #[tokio::test]
    async fn a_stream_takes_only_the_record_that_it_expects() {
        let folder = Scratch::new().unwrap();
        let log = GroupCommit::open(&folder.path().join("ledger.db")).unwrap();
        let record = |expected| Record {
            stream: "token-1".to_owned(),
            expected,
            event_id: [1; 16],
            leaf: [2; 32],
            bytes: vec![3],
        };
        log.append(record(0)).await.unwrap();
        log.append(record(1)).await.unwrap();
        assert!(log.append(record(1)).await.is_err());
        tokio::task::spawn_blocking(move || log.close()).await.unwrap().unwrap();
    }
}
