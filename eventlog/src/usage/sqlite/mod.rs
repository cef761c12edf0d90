//! The usage log in SQLite files, one a day: the embedded default.
//!
//! In the folder lie `2026-11-24.db` and its like, the mark of the last acknowledged block (`head`)
//! and the [ballast]. Each block is one commit, on the disk before it is answered. One thread
//! writes to the file of the last day; few read, whichever days they are asked for. A day that is
//! over is never written again, and its file can be copied or moved away by itself.
//!
//! A block of 24 KiB is stored in 6 to 9 ms on a busy machine, nearly all of it waiting for the disk:
//! 110 to 180 blocks a second, one after the other, where 100,000 decisions a second make 100.
//! `cargo test -p counterfoil-eventlog one_block_after_the_other -- --nocapture`

mod ballast;
mod error;
mod file;
mod folder;
mod hash;
mod keeper;
#[cfg(test)]
mod keeper_tests;
mod mark;
mod reader;
mod rows;
mod shared;
mod start;
mod trouble;

use std::{num::NonZeroU16, path::Path, sync::Arc};

use async_trait::async_trait;
use tokio::sync::{oneshot, watch};

use ballast::{Ballast, Shortage};
pub use error::OpenError;
use keeper::{Keeper, Request};
use reader::{Asked, DayFiles};
use shared::Shared;

use super::{AppendError, Lane, NewBlock, NotWritable, Place, ReadError, StoredBlock, UsageLog};
use crate::sqlite::{NoAnswer, Readers, Status, Writer};

/// Threads that read.
const READERS: usize = 2;
/// Blocks that may wait for the writer before their callers wait to be let in.
const WAITING: usize = 64;

/// What a deployment chooses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Lanes; those that have blocks stay, also where fewer are asked for.
    pub lanes: NonZeroU16,
    /// The size of the ballast in bytes; 0 keeps none.
    pub ballast_bytes: u64,
}

impl Default for Options {
    /// One lane, and a ballast of 256 MiB.
    fn default() -> Self {
        Self { lanes: NonZeroU16::MIN, ballast_bytes: 256 << 20 }
    }
}

/// A usage log in a folder of SQLite files.
///
/// One value at a time may use a folder; whoever opens it sees to that.
pub struct SqliteUsageLog {
    shared: Arc<Shared>,
    readers: Readers<DayFiles>,
    writer: Writer<Request, Keeper>,
    shortage: Arc<Shortage>,
}

impl SqliteUsageLog {
    /// Opens the usage log in a folder; makes the folder, and begins a log, if there is none.
    ///
    /// Only the file of the last day is opened, however many there are: that it is what it should
    /// be, and that the log still holds the last block that was acknowledged, as the mark says.
    /// Everything else is checked when it is read. A mark that is not there, or cannot be read, is
    /// warned of in the log. The ballast is made afterwards, beside the work.
    ///
    /// # Errors
    /// When the file is no day of a usage log, one of a later version, or damaged; when the log lacks
    /// what was acknowledged; when a file cannot be opened or cannot be written durably.
    pub fn open(folder: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let opened = start::open(folder.as_ref(), options.lanes)?;
        let path = opened.folder.ballast();
        let ballast = Ballast::open(&path, options.ballast_bytes).map_err(OpenError::file(&path))?;
        let (shared, shortage) = (Arc::new(Shared::of(&opened)), ballast.shortage());
        let sources = (0..READERS).map(|_| DayFiles::of(shared.clone())).collect();
        let readers = Readers::start("usage-reader", sources).map_err(OpenError::Thread)?;
        let status = Arc::<Status>::default();
        let keeper = Keeper::new(opened, shared.clone(), ballast, status.clone());
        let writer = Writer::start("usage-writer", WAITING, status, |inbox, _| keeper.work(inbox));
        Ok(Self { shared, readers, writer: writer.map_err(OpenError::Thread)?, shortage })
    }

    /// Answers all who wait, folds the write-ahead logs into their files, and closes them. From then
    /// on appends and reads are refused.
    ///
    /// Who drops the value instead leaves the files as a killed process does.
    pub async fn close(&self) {
        let (readers, writer) = (self.readers.end(), self.writer.end());
        let ended = tokio::task::spawn_blocking(move || {
            let broken = readers.into_iter().filter_map(|thread| thread.join().err()).count();
            // The writer last: only who may write can remove the write-ahead log.
            let left = writer.map(|thread| thread.join().map(Keeper::leave));
            broken == 0 && left.is_none_or(|it| it.is_ok())
        });
        if !matches!(ended.await, Ok(true)) {
            tracing::warn!("a thread of the usage log did not end well");
        }
    }
}

#[async_trait]
impl UsageLog for SqliteUsageLog {
    async fn append(&self, lane: Lane, block: NewBlock) -> Result<Place, AppendError> {
        if self.shared.head(lane).is_none() {
            return Err(AppendError::NoLane(lane));
        }
        block.check_size()?;
        let (answer, answered) = oneshot::channel();
        self.writer.send(Request { lane, block, answer }).await.map_err(AppendError::Unavailable)?;
        let lost = |_| AppendError::Unknown("the writer ended without an answer".to_owned());
        answered.await.unwrap_or_else(|err| Err(lost(err)))
    }

    async fn read(&self, lane: Lane, after: Place, blocks: usize) -> Result<Vec<StoredBlock>, ReadError> {
        let Some(head) = self.shared.head(lane).map(|it| *it.borrow()) else { return Ok(Vec::new()) };
        if head < after {
            return Err(ReadError::Beyond { lane, asked: after, head });
        }
        let asked = Asked { lane, after, head, blocks: blocks.max(1) };
        self.readers.ask(move |files| files.page(asked)).await?
    }

    fn lanes(&self) -> Vec<Lane> {
        self.shared.lanes()
    }

    fn head(&self, lane: Lane) -> watch::Receiver<Place> {
        self.shared.head(lane).unwrap_or_else(|| watch::Sender::new(Place(0)).subscribe())
    }

    fn is_writable(&self) -> Result<(), NotWritable> {
        self.writer.check().map_err(NotWritable::Stopped)?;
        self.shortage.check().map_err(NotWritable::Short)
    }
}

impl From<NoAnswer> for ReadError {
    fn from(none: NoAnswer) -> Self {
        Self::Unavailable(none.0)
    }
}
