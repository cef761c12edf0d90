//! The one writer: a thread that takes all appends that wait, commits them together, and answers.

use std::{io, sync::Arc, thread};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{mpsc, watch};

use super::{
    group::{Ledger, Request},
    recent::Recent,
};
use crate::ledger::{Append, AppendError, Appended, Position};

/// The most appends in one transaction.
const GROUP: usize = 512;
/// Appends that may wait for the writer before their callers wait to be let in.
const WAITING: usize = 2 * GROUP;

/// The way to the writer. Dropping it lets the writer finish what waits, and waits for that.
pub(super) struct Writer {
    inbox: Mutex<Option<mpsc::Sender<Request>>>,
    thread: Mutex<Option<thread::JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread; it owns the connection.
    pub(super) fn start(
        connection: Connection,
        recent: Arc<Recent>,
        head: watch::Sender<Position>,
    ) -> io::Result<Self> {
        let (inbox, requests) = mpsc::channel(WAITING);
        let thread = thread::Builder::new()
            .name("ledger-writer".to_owned())
            .spawn(move || write(&connection, requests, recent, head))?;
        Ok(Self { inbox: Mutex::new(Some(inbox)), thread: Mutex::new(Some(thread)) })
    }

    /// Hands an append to the thread and waits for its answer.
    pub(super) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let closed = || AppendError::Unavailable("it is closed".to_owned());
        let inbox = self.inbox.lock().clone().ok_or_else(closed)?;
        let (request, answered) = Request::new(append);
        inbox.send(request).await.map_err(|_| closed())?;
        drop(inbox);
        let lost = |_| AppendError::Unknown("the writer ended without an answer".to_owned());
        answered.await.unwrap_or_else(|err| Err(lost(err)))
    }

    /// Lets nobody in any more. The thread ends when it has answered those who wait.
    pub(super) fn end(&self) -> Option<thread::JoinHandle<()>> {
        self.inbox.lock().take();
        self.thread.lock().take()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(thread) = self.end() {
            let _ = thread.join();
        }
    }
}

fn write(
    connection: &Connection,
    mut requests: mpsc::Receiver<Request>,
    recent: Arc<Recent>,
    head: watch::Sender<Position>,
) {
    let mut ledger = match Ledger::prepare(connection, recent, head) {
        Ok(ledger) => ledger,
        Err(error) => return tracing::error!(%error, "the ledger cannot be written"),
    };
    loop {
        let mut group = Vec::with_capacity(GROUP);
        if requests.blocking_recv_many(&mut group, GROUP) == 0 {
            break;
        }
        ledger.commit_group(group);
    }
    drop(ledger);
    fold_in_the_log(connection);
}

/// Copies the write-ahead log into the file and empties it, so that the file alone is the ledger.
fn fold_in_the_log(connection: &Connection) {
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    match busy {
        Ok(false) => (),
        Ok(true) => tracing::info!("the write-ahead log stays: somebody reads the ledger"),
        Err(error) => tracing::warn!(%error, "the write-ahead log stays beside the ledger"),
    }
}
