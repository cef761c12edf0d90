//! The one writer: a thread that takes all appends that wait, commits them together, and answers.

use std::{io, sync::Arc, thread};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{
    announcer::Announcer,
    group::{Ledger, Request},
    status::Status,
};
use crate::ledger::{Append, AppendError, Appended};

/// The most appends in one transaction.
const GROUP: usize = 512;
/// Appends that may wait for the writer before their callers wait to be let in.
const WAITING: usize = 2 * GROUP;

/// Why nothing is written after the end.
const CLOSED: &str = "it is closed";
/// Why nothing is written when the thread is gone before its time.
const ENDED: &str = "its writer has ended";

/// The way to the writer. Dropping it lets the writer finish what waits, and waits for that; the
/// files stay as a killed process leaves them.
pub(super) struct Writer {
    inbox: Mutex<Option<mpsc::Sender<Request>>>,
    thread: Mutex<Option<Thread>>,
    status: Arc<Status>,
}

/// The thread, and what it leaves: its connection, where all that it committed is certain.
pub(super) type Thread = thread::JoinHandle<Option<Connection>>;

impl Writer {
    /// Starts the thread; it owns the connection.
    pub(super) fn start(connection: Connection, announcer: Announcer) -> io::Result<Self> {
        let (inbox, requests) = mpsc::channel(WAITING);
        let status = Arc::new(Status::default());
        let shown = status.clone();
        let thread = thread::Builder::new()
            .name("ledger-writer".to_owned())
            .spawn(move || write(connection, requests, announcer, &shown))?;
        Ok(Self { inbox: Mutex::new(Some(inbox)), thread: Mutex::new(Some(thread)), status })
    }

    /// Hands an append to the thread and waits for its answer.
    pub(super) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let closed = || AppendError::Unavailable(CLOSED.to_owned());
        let inbox = self.inbox.lock().clone().ok_or_else(closed)?;
        let (request, answered) = Request::new(append);
        let ended = |_| AppendError::Unavailable(self.check().err().unwrap_or_else(|| ENDED.to_owned()));
        inbox.send(request).await.map_err(ended)?;
        drop(inbox);
        let lost = |_| AppendError::Unknown("the writer ended without an answer".to_owned());
        answered.await.unwrap_or_else(|err| Err(lost(err)))
    }

    /// Whether the thread is there and gets on.
    ///
    /// # Errors
    /// Why nothing is written.
    pub(super) fn check(&self) -> Result<(), String> {
        self.status.check()?;
        match &*self.thread.lock() {
            None => Err(CLOSED.to_owned()),
            Some(thread) if thread.is_finished() => Err(ENDED.to_owned()),
            Some(_) => Ok(()),
        }
    }

    /// Lets nobody in any more. The thread ends when it has answered those who wait.
    pub(super) fn end(&self) -> Option<Thread> {
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
    connection: Connection,
    mut requests: mpsc::Receiver<Request>,
    announcer: Announcer,
    status: &Arc<Status>,
) -> Option<Connection> {
    let mut ledger = match Ledger::prepare(&connection, announcer, status.clone()) {
        Ok(ledger) => ledger,
        Err(error) => {
            tracing::error!(%error, "the ledger cannot be written");
            status.stop(error.to_string());
            return None;
        }
    };
    loop {
        let mut group = Vec::with_capacity(GROUP);
        if requests.blocking_recv_many(&mut group, GROUP) == 0 {
            break;
        }
        ledger.commit_group(group);
    }
    drop(ledger);
    status.stopped().is_none().then_some(connection)
}
