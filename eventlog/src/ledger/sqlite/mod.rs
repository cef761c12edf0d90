//! The ledger in one SQLite file: the embedded default.
//!
//! One thread writes, a few read; each commit is on the disk before it is answered. The file is
//! one strict table that refuses change and deletion, readable by anybody with `sqlite3`. Beside it
//! lie SQLite's write-ahead log (`-wal`, `-shm`) and the mark of the last acknowledged record
//! (`-head`).

mod announcer;
mod checking;
mod error;
mod file;
mod group;
#[cfg(test)]
mod group_tests;
mod mark;
mod recent;
#[cfg(test)]
mod recent_tests;
mod rows;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::watch;

use announcer::Announcer;
use checking::Checking;
pub use error::OpenError;
use file::{Checked, Opened};
use recent::Recent;
use writer::Writer;

use super::{
    Append, AppendError, Appended, EventLog, Limit, Page, Position, ReadError, StoredRecord, StreamName,
    Version,
};
use crate::sqlite::{NoAnswer, Readers, fold_in_the_log};

/// Threads that read pages of the log, for followers and rebuilds.
const PAGE_READERS: usize = 2;
/// Threads that read streams, apart from those above: a command never waits for a rebuild.
const STREAM_READERS: usize = 2;
/// Why appends are refused where another process writes.
const READ_ONLY: &str = "it is open for reading only";

/// A ledger in a SQLite file.
///
/// One value at a time may write to a file; whoever opens it sees to that. Others may read the
/// same file meanwhile, by [`open_read_only`](Self::open_read_only).
pub struct SqliteLog {
    path: PathBuf,
    pages: Readers<Connection>,
    streams: Readers<Connection>,
    head: watch::Sender<Position>,
    live: Option<Live>,
    checking: Checking,
}

/// What only the value that writes has: nobody else changes the file, so it may remember.
struct Live {
    writer: Writer,
    recent: Arc<Recent>,
}

impl SqliteLog {
    /// Opens a ledger for writing; makes it if there is no file, or an empty one, at the path.
    ///
    /// All pages of the file are checked, that no position is missing, and that the ledger still
    /// holds the last record that was acknowledged in it, as the mark beside it says; the bytes of
    /// each record are checked against its leaf when it is read. A mark that is not there, or
    /// cannot be read, is warned of in the log.
    ///
    /// # Errors
    /// When the file is no ledger, one of a later version, or damaged, with what was found; when it
    /// lacks what was acknowledged; when it cannot be opened or cannot be written durably.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_to_write(path.as_ref(), Checked::Before)
    }

    /// The same without what takes time in proportion to the file: that its pages are whole and that no position is
    /// missing is for [`check`](Self::check) to say.
    ///
    /// # Errors
    /// As [`open`](Self::open), as far as it is checked.
    pub fn open_unchecked(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_to_write(path.as_ref(), Checked::Later)
    }

    fn open_to_write(path: &Path, checked: Checked) -> Result<Self, OpenError> {
        let Opened { connection, head, mark } = file::open_to_write(path, checked)?;
        let (pages, streams) = start_readers(path)?;
        let recent = Arc::new(Recent::new(head));
        let head = watch::Sender::new(head);
        let announcer = Announcer { mark, recent: recent.clone(), head: head.clone() };
        let writer = writer::start(connection, announcer).map_err(OpenError::Thread)?;
        let (path, live) = (path.to_owned(), Some(Live { writer, recent }));
        Ok(Self { path, pages, streams, head, live, checking: Checking::default() })
    }

    /// Checks all pages of the file, and that no position is missing, beside whatever else happens to it. From the
    /// moment that damage is found nothing is appended any more.
    ///
    /// # Errors
    /// When it is damaged, with what was found; when it cannot be read, or the check was broken off by
    /// [`close`](Self::close).
    pub async fn check(self: &Arc<Self>) -> Result<(), OpenError> {
        let log = Arc::clone(self);
        let checked = tokio::task::spawn_blocking(move || file::check(&log.path, &log.checking)).await;
        let checked = checked.unwrap_or_else(|err| Err(OpenError::Thread(std::io::Error::other(err))));
        if let Some(err) = checked.as_ref().err().filter(|it| it.is_of_the_file()) {
            self.stop_writing(err.to_string());
        }
        checked
    }

    /// Appends nothing any more until the next start, and says why to all who try. For who has found that the ledger
    /// is damaged; it can still be read. The write-ahead log stays where it is when the ledger is closed.
    pub fn stop_writing(&self, why: String) {
        if let Some(live) = &self.live {
            live.writer.stop(why);
        }
    }

    /// Opens an existing ledger for reading, also while another process writes to it. Its
    /// [`head`](EventLog::head) moves when something is read; appends are refused.
    ///
    /// # Errors
    /// When there is no file, or it is no ledger or one of a later version, or it lacks what was
    /// acknowledged in it. It is not checked for damage beyond what is read.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let head = file::head(path.as_ref())?;
        let (pages, streams) = start_readers(path.as_ref())?;
        let (path, head) = (path.as_ref().to_owned(), watch::Sender::new(head));
        Ok(Self { path, pages, streams, head, live: None, checking: Checking::default() })
    }

    /// Answers all who wait, folds the write-ahead log into the file, and closes it. From then on
    /// appends and reads are refused.
    ///
    /// Only for a ledger that was accepted: who finds it wanting drops the value instead, which
    /// answers those who wait, blocking its thread, and leaves both files as they are. What SQLite
    /// cannot read of the write-ahead log is evidence, and would be gone.
    pub async fn close(&self) {
        self.checking.close();
        let mut readers = self.pages.end();
        readers.extend(self.streams.end());
        let writer = self.live.as_ref().and_then(|live| live.writer.end());
        let ended = tokio::task::spawn_blocking(move || {
            let broken = readers.into_iter().filter_map(|thread| thread.join().err()).count();
            // The writer last: only who may write can remove the write-ahead log.
            writer.is_none_or(fold_what_is_certain) && broken == 0
        });
        if !matches!(ended.await, Ok(true)) {
            tracing::warn!("a thread of the ledger did not end well");
        }
    }

    fn recent(&self) -> Option<&Arc<Recent>> {
        self.live.as_ref().map(|live| &live.recent)
    }
}

/// Waits for the writer, and folds what it wrote; says whether it ended well.
fn fold_what_is_certain(writer: JoinHandle<Option<Connection>>) -> bool {
    match writer.join() {
        Ok(Some(connection)) => fold_in_the_log(connection),
        Ok(None) => tracing::warn!("the ledger had stopped taking records: its files stay as they are"),
        Err(_) => return false,
    }
    true
}

fn start_readers(path: &Path) -> Result<(Readers<Connection>, Readers<Connection>), OpenError> {
    let start = |threads| {
        let sources = (0..threads).map(|_| file::open_to_read(path)).collect::<Result<_, _>>()?;
        Readers::start("ledger-reader", sources).map_err(OpenError::Thread)
    };
    Ok((start(PAGE_READERS)?, start(STREAM_READERS)?))
}

impl From<NoAnswer> for ReadError {
    fn from(none: NoAnswer) -> Self {
        Self::Unavailable(none.0)
    }
}

#[async_trait]
impl EventLog for SqliteLog {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append.check_size()?;
        match &self.live {
            Some(live) => writer::append(&live.writer, append).await,
            None => Err(AppendError::Unavailable(READ_ONLY.to_owned())),
        }
    }

    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
        let known = match self.recent() {
            Some(recent) => recent.streams(asked),
            None => vec![None; asked.len()],
        };
        let unknown: Vec<_> = asked.iter().zip(&known).filter(|(_, known)| known.is_none()).collect();
        if unknown.is_empty() {
            return Ok(known.into_iter().flatten().collect());
        }
        let unknown: Vec<_> = unknown.into_iter().map(|(asked, _)| asked.clone()).collect();
        let recent = self.recent().cloned();
        let read = self.streams.ask(move |file| read_streams(file, &unknown, recent.as_deref()));
        let mut read = read.await??.into_iter();
        Ok(known.into_iter().filter_map(|known| known.or_else(|| read.next())).collect())
    }

    async fn read_all(&self, after: Position, limit: Limit) -> Result<Page, ReadError> {
        if let Some(page) = self.recent().and_then(|recent| recent.page(after, limit)) {
            return Ok(page);
        }
        let page = self.pages.ask(move |file| rows::read_all(file, after, limit)).await??;
        if self.live.is_none() {
            self.head.send_if_modified(|head| rise(head, page.head));
        }
        Ok(page)
    }

    fn is_writable(&self) -> Result<(), String> {
        let refused = |why| AppendError::Unavailable(why).to_string();
        match &self.live {
            Some(live) => live.writer.check().map_err(refused),
            None => Err(refused(READ_ONLY.to_owned())),
        }
    }

    fn head(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

/// Moves a head up, never down; says whether it moved.
fn rise(head: &mut Position, seen: Position) -> bool {
    let risen = *head < seen;
    *head = seen.max(*head);
    risen
}

fn read_streams(
    file: &Connection,
    asked: &[(StreamName, Version)],
    recent: Option<&Recent>,
) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
    let read = asked.iter().map(|(stream, after)| match recent {
        Some(recent) => read_and_learn(file, stream, *after, recent),
        None => rows::read_stream(file, stream, *after),
    });
    read.collect()
}

/// Reads a stream, and notes its version so that the next reader need not come here.
fn read_and_learn(
    file: &Connection,
    stream: &StreamName,
    after: Version,
    recent: &Recent,
) -> Result<Vec<StoredRecord>, ReadError> {
    let began = recent.head();
    let records = rows::read_stream(file, stream, after)?;
    let version = match records.last() {
        Some(last) => last.version,
        // The caller may be up to date, or ahead of what there is.
        None => rows::version(file, stream)?,
    };
    // A stream that does not exist is known too: some are asked for with every command.
    recent.learn(stream, version, began);
    Ok(records)
}
