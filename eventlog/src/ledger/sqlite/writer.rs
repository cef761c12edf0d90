//! The one writer: a thread that takes all appends that wait, commits them together, and answers.

use std::sync::Arc;

use rusqlite::Connection;

use super::{
    announcer::Announcer,
    group::{Ledger, Request},
};
use crate::{
    ledger::{Append, AppendError, Appended},
    sqlite::{self, Inbox, Status},
};

/// The most appends in one transaction.
const GROUP: usize = 512;
/// Appends that may wait for the writer before their callers wait to be let in.
const WAITING: usize = 2 * GROUP;

/// The way to the writer, which leaves its connection, where all that it committed is certain.
pub(super) type Writer = sqlite::Writer<Request, Option<Connection>>;

/// Starts the thread; it owns the connection.
pub(super) fn start(connection: Connection, announcer: Announcer) -> std::io::Result<Writer> {
    let work =
        |requests: Inbox<Request>, status: &Arc<Status>| write(connection, requests, announcer, status);
    Writer::start("ledger-writer", WAITING, Arc::default(), work)
}

/// Hands an append to the thread and waits for its answer.
pub(super) async fn append(writer: &Writer, append: Append) -> Result<Appended, AppendError> {
    let (request, answered) = Request::new(append);
    writer.send(request).await.map_err(AppendError::Unavailable)?;
    let lost = |_| AppendError::Unknown("the writer ended without an answer".to_owned());
    answered.await.unwrap_or_else(|err| Err(lost(err)))
}

fn write(
    connection: Connection,
    mut requests: Inbox<Request>,
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
        let group = requests.take(GROUP);
        if group.is_empty() {
            break;
        }
        ledger.commit_group(group);
    }
    drop(ledger);
    status.stopped().is_none().then_some(connection)
}
