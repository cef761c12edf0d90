//! The one writer: a thread that takes all appends that wait, commits them together, and answers.

use std::{io, thread};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{
    announcer::Announcer,
    group::{Ledger, Request},
};
use crate::ledger::{Append, AppendError, Appended};

/// The most appends in one transaction.
const GROUP: usize = 512;
/// Appends that may wait for the writer before their callers wait to be let in.
const WAITING: usize = 2 * GROUP;

/// The way to the writer. Dropping it lets the writer finish what waits, and waits for that; the
/// files stay as a killed process leaves them.
pub(super) struct Writer {
    inbox: Mutex<Option<mpsc::Sender<Request>>>,
    thread: Mutex<Option<Thread>>,
}

/// The thread, and what it leaves: its connection, where all that it committed is certain.
pub(super) type Thread = thread::JoinHandle<Option<Connection>>;

impl Writer {
    /// Starts the thread; it owns the connection.
    pub(super) fn start(connection: Connection, announcer: Announcer) -> io::Result<Self> {
        let (inbox, requests) = mpsc::channel(WAITING);
        let thread = thread::Builder::new()
            .name("ledger-writer".to_owned())
            .spawn(move || write(connection, requests, announcer))?;
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
) -> Option<Connection> {
    let mut ledger = match Ledger::prepare(&connection, announcer) {
        Ok(ledger) => ledger,
        Err(error) => {
            tracing::error!(%error, "the ledger cannot be written");
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
    let is_certain = !ledger.is_stopped();
    drop(ledger);
    is_certain.then_some(connection)
}
