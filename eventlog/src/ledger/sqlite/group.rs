//! One transaction for all appends that wait: each is stored or refused by itself, and all are
//! answered after the commit.

use std::{collections::HashMap, sync::Arc};

use rusqlite::{Connection, ErrorCode, Statement, ffi, params};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::oneshot,
};

use super::{announcer::Announcer, rows};
use crate::{
    ledger::{Append, AppendError, Appended, Leaf, Position, StoredRecord, StreamName, Version},
    sqlite::{Status, lacks_shared_memory, signed, unsigned},
};

/// An append on its way to the writer.
pub(super) struct Request {
    stream: StreamName,
    expected: Version,
    /// As they will be stored, but for their positions, which the writer gives.
    records: Vec<StoredRecord>,
    answer: oneshot::Sender<Outcome>,
    /// Where the caller runs, if that is a runtime with threads of its own, which always gets on.
    runtime: Option<Handle>,
}

type Outcome = Result<Appended, AppendError>;

impl Request {
    /// A request and where its answer arrives. Hashes the records, on the caller's thread.
    pub(super) fn new(append: Append) -> (Self, oneshot::Receiver<Outcome>) {
        let (answer, answered) = oneshot::channel();
        let Append { stream, expected, records } = append;
        let records = records.into_iter().zip(1..).map(|(record, rank)| StoredRecord {
            position: Position(0),
            stream: stream.clone(),
            version: expected.plus(rank),
            event_id: record.event_id,
            leaf: Leaf::of(&record.bytes),
            bytes: record.bytes,
        });
        let records = records.collect();
        let runtime = Handle::try_current().ok();
        let runtime = runtime.filter(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread);
        (Self { stream, expected, records, answer, runtime }, answered)
    }
}

/// The ledger as its one writer sees it.
pub(super) struct Ledger<'c> {
    connection: &'c Connection,
    begin: Statement<'c>,
    commit: Statement<'c>,
    insert: Statement<'c>,
    last_version: Statement<'c>,
    stored_ids: Statement<'c>,
    announcer: Announcer,
    /// The last position given out, committed or not.
    given: Position,
    /// Versions that streams have by the transaction that is open.
    pending: HashMap<StreamName, Version>,
    status: Arc<Status>,
}

/// Why a transaction did not come to its end. It is rolled back.
enum Failure {
    /// Nothing is stored, and the next group may pass.
    Passing(AppendError),
    /// The writer must not go on; the callers are told this.
    Final(AppendError),
}

impl<'c> Ledger<'c> {
    /// Prepares the statements; they are kept as long as the writer lives.
    pub(super) fn prepare(
        connection: &'c Connection,
        announcer: Announcer,
        status: Arc<Status>,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            begin: connection.prepare("BEGIN IMMEDIATE")?,
            commit: connection.prepare("COMMIT")?,
            insert: connection.prepare(
                "INSERT INTO records (position, stream, version, event_id, leaf, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            last_version: connection.prepare(rows::LAST_VERSION)?,
            stored_ids: connection.prepare(
                "SELECT position, version, event_id FROM records
                 WHERE stream = ?1 AND ?2 < version ORDER BY version LIMIT ?3",
            )?,
            given: announcer.recent.head(),
            announcer,
            pending: HashMap::new(),
            status,
        })
    }

    /// Stores what passes and answers all.
    pub(super) fn commit_group(&mut self, mut group: Vec<Request>) {
        if let Some(why) = self.status.stopped() {
            return refuse_all(group, &AppendError::Unavailable(why));
        }
        self.status.begin();
        match self.store(&mut group) {
            Ok(outcomes) => self.publish(group, outcomes),
            Err(failure) => {
                self.given = self.announcer.recent.head();
                refuse_all(group, &self.noted(failure));
            }
        }
        self.pending.clear();
        self.status.done();
    }

    fn store(&mut self, group: &mut [Request]) -> Result<Vec<Outcome>, Failure> {
        self.begin.execute([]).map_err(|err| Failure::Passing(nothing_stored(&err)))?;
        let outcomes: rusqlite::Result<Vec<Outcome>> =
            group.iter_mut().map(|request| self.place(request)).collect();
        let outcomes = outcomes.map_err(|err| self.undone(&err))?;
        match self.commit.execute([]) {
            Ok(_) => Ok(outcomes),
            Err(err) => Err(self.commit_failed(&err)),
        }
    }

    /// Stores one request, or says why not. An error is the engine's.
    fn place(&mut self, request: &mut Request) -> rusqlite::Result<Outcome> {
        let version = match request.expected {
            // Most such streams are new: the insert itself finds out when one is not.
            Version(0) => Version(0),
            _ => self.version(&request.stream)?,
        };
        if version == request.expected
            && let Some(appended) = self.insert(request)?
        {
            return Ok(Ok(appended));
        }
        self.refuse(request)
    }

    /// The version of a stream by now, counting what this transaction has stored.
    fn version(&mut self, stream: &StreamName) -> rusqlite::Result<Version> {
        let known = self.pending.get(stream).copied();
        match known.or_else(|| self.announcer.recent.version_of(stream)) {
            Some(version) => Ok(version),
            None => self.stored_version(stream),
        }
    }

    fn stored_version(&mut self, stream: &StreamName) -> rusqlite::Result<Version> {
        let version = self.last_version.query_row([stream.as_str()], |row| row.get(0))?;
        Ok(Version(unsigned(version)))
    }

    /// Inserts the records; none if the stream is already past the first of them.
    fn insert(&mut self, request: &mut Request) -> rusqlite::Result<Option<Appended>> {
        let mut last = None;
        for record in &mut request.records {
            let position = self.given.next();
            let inserted = self.insert.execute(params![
                signed(position.0),
                record.stream.as_str(),
                signed(record.version.0),
                &record.event_id[..],
                &record.leaf.0[..],
                &record.bytes[..],
            ]);
            match inserted {
                Err(err) if last.is_none() && is_version_taken(&err) => return Ok(None),
                inserted => inserted?,
            };
            record.position = position;
            self.given = position;
            last = Some(Appended { position, version: record.version });
        }
        if let Some(appended) = last {
            self.pending.insert(request.stream.clone(), appended.version);
        }
        Ok(last)
    }

    /// The first outcome if this is the same append again, else the conflict.
    fn refuse(&mut self, request: &Request) -> rusqlite::Result<Outcome> {
        if let Some(first) = self.first_outcome(request)? {
            return Ok(Ok(first));
        }
        Ok(Err(AppendError::Conflict {
            stream: request.stream.clone(),
            expected: request.expected,
            actual: self.stored_version(&request.stream)?,
        }))
    }

    /// Where the records are, if exactly their ids stand at exactly their versions.
    fn first_outcome(&mut self, request: &Request) -> rusqlite::Result<Option<Appended>> {
        let after = signed(request.expected.0);
        let most = signed(request.records.len() as u64);
        let mut stored = self.stored_ids.query(params![request.stream.as_str(), after, most])?;
        let mut last = None;
        for record in &request.records {
            let Some(row) = stored.next()? else { return Ok(None) };
            let version = Version(unsigned(row.get(1)?));
            if version != record.version || row.get_ref(2)?.as_blob()? != record.event_id {
                return Ok(None);
            }
            last = Some(Appended { position: Position(unsigned(row.get(0)?)), version });
        }
        Ok(last)
    }

    /// Rolls back after a statement failed, so that nothing is stored.
    fn undone(&self, err: &rusqlite::Error) -> Failure {
        if let Err(unfinished) = self.roll_back() {
            return Failure::Final(AppendError::Unknown(unfinished.to_string()));
        }
        if is_position_taken(err) {
            let why = "another process writes to the same ledger".to_owned();
            return Failure::Final(AppendError::Unavailable(why));
        }
        Failure::Passing(nothing_stored(err))
    }

    /// A full disk leaves the commit incomplete, which is as good as none. One that is too full for the
    /// memory in which SQLite finds its write-ahead log again leaves it complete, but unknown to this
    /// process: the next commit overwrites it, and only a start in between would bring it back. After
    /// anything else nobody can say what is on the disk: what could not be flushed may be gone from
    /// memory too, so that a second try would succeed without having written it. It is never retried.
    fn commit_failed(&self, err: &rusqlite::Error) -> Failure {
        let is_rolled_back = self.roll_back().is_ok();
        let unknown = AppendError::Unknown(format!("the commit failed: {err}"));
        match err.sqlite_error_code() {
            Some(ErrorCode::DiskFull) if is_rolled_back => Failure::Passing(AppendError::Full),
            _ if is_rolled_back && lacks_shared_memory(err) => Failure::Passing(unknown),
            _ => Failure::Final(unknown),
        }
    }

    fn roll_back(&self) -> rusqlite::Result<()> {
        // SQLite has rolled back by itself after some errors.
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.connection.execute_batch("ROLLBACK")
    }

    fn noted(&self, failure: Failure) -> AppendError {
        match failure {
            Failure::Passing(error) => {
                tracing::warn!(%error, "a group of appends was refused");
                error
            }
            Failure::Final(error) => {
                tracing::error!(%error, "the ledger takes no more records until the next start");
                self.status.stop(format!("it was stopped at an earlier failure: {error}"));
                error
            }
        }
    }

    /// Followers first, then callers: who has an answer can read what he wrote.
    fn publish(&mut self, group: Vec<Request>, outcomes: Vec<Outcome>) {
        let runtime = group.iter().find_map(|it| it.runtime.clone());
        let mut answers = Answers(Vec::with_capacity(group.len()));
        let mut committed = Vec::with_capacity(group.len());
        for (request, outcome) in group.into_iter().zip(outcomes) {
            // Only what this group stored has a position by now.
            committed.extend(request.records.into_iter().filter(|it| Position(0) < it.position));
            answers.0.push((request.answer, outcome));
        }
        self.announcer.announce(committed);
        answers.send_on(runtime);
    }
}

/// The answers to a group. However they go, they arrive: also where the runtime that shall send them ends first.
struct Answers(Vec<(oneshot::Sender<Outcome>, Outcome)>);

impl Answers {
    /// Has the callers' runtime wake its own tasks, which is a queue to it. From here each would cost the writer a
    /// system call to wake one of the runtime's threads.
    fn send_on(self, runtime: Option<Handle>) {
        if let Some(runtime) = runtime.filter(|_| 1 < self.0.len()) {
            runtime.spawn(async move { drop(self) });
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        for (answer, outcome) in self.0.drain(..) {
            // A caller that has gone away needs none.
            let _ = answer.send(outcome);
        }
    }
}

fn refuse_all(group: Vec<Request>, error: &AppendError) {
    for request in group {
        let _ = request.answer.send(Err(error.clone()));
    }
}

fn nothing_stored(err: &rusqlite::Error) -> AppendError {
    match err.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => AppendError::Full,
        _ => AppendError::Unavailable(err.to_string()),
    }
}

fn is_version_taken(err: &rusqlite::Error) -> bool {
    err.sqlite_error().is_some_and(|it| it.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE)
}

fn is_position_taken(err: &rusqlite::Error) -> bool {
    err.sqlite_error().is_some_and(|it| it.extended_code == ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
}
