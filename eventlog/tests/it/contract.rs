//! The contract suite on each adapter.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use eventlog::{
    Append, AppendError, Appended, EventLog, Limit, MemoryLog, OpenError, Page, Position, ReadError,
    SqliteLog, StoredRecord, StreamName, Version,
    contract::{Factory, check},
};
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::sync::watch;

/// A ledger in memory for each rule; a restart leaves it as it is.
struct InMemory;

#[async_trait]
impl Factory for InMemory {
    async fn open(&self) -> Result<Arc<dyn EventLog>, String> {
        Ok(Arc::new(MemoryLog::new()))
    }

    async fn reopen(&self, log: Arc<dyn EventLog>) -> Result<Arc<dyn EventLog>, String> {
        Ok(log)
    }
}

/// One ledger in memory for all rules.
struct OneInMemory(Arc<MemoryLog>);

#[async_trait]
impl Factory for OneInMemory {
    async fn open(&self) -> Result<Arc<dyn EventLog>, String> {
        Ok(self.0.clone())
    }

    async fn reopen(&self, log: Arc<dyn EventLog>) -> Result<Arc<dyn EventLog>, String> {
        Ok(log)
    }
}

/// A SQLite file for each rule, in one folder.
struct InFiles {
    folder: TempDir,
    files: AtomicUsize,
    open: Mutex<Option<Arc<SqliteLog>>>,
    reads_files: bool,
}

impl InFiles {
    fn new(reads_files: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, files: AtomicUsize::new(0), open: Mutex::new(None), reads_files }
    }

    fn open_file(&self, number: usize) -> Result<Arc<dyn EventLog>, OpenError> {
        let path = self.folder.path().join(format!("{number}.db"));
        let log = Arc::new(SqliteLog::open(&path)?);
        *self.open.lock() = Some(log.clone());
        if self.reads_files {
            let reader = SqliteLog::open_read_only(&path)?;
            return Ok(Arc::new(ReadingFiles { log, reader }));
        }
        Ok(log)
    }
}

#[async_trait]
impl Factory for InFiles {
    async fn open(&self) -> Result<Arc<dyn EventLog>, String> {
        let number = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        self.open_file(number).map_err(|err| err.to_string())
    }

    async fn reopen(&self, log: Arc<dyn EventLog>) -> Result<Arc<dyn EventLog>, String> {
        drop(log);
        let open = self.open.lock().take().ok_or("no file is open")?;
        open.close().await;
        self.open_file(self.files.load(Ordering::Relaxed)).map_err(|err| err.to_string())
    }
}

/// Writes through one value and reads through another, which remembers nothing.
struct ReadingFiles {
    log: Arc<SqliteLog>,
    reader: SqliteLog,
}

#[async_trait]
impl EventLog for ReadingFiles {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.log.append(append).await
    }

    async fn read_streams(
        &self,
        asked: &[(StreamName, Version)],
    ) -> Result<Vec<Vec<StoredRecord>>, ReadError> {
        self.reader.read_streams(asked).await
    }

    async fn read_all(&self, after: Position, limit: Limit) -> Result<Page, ReadError> {
        self.reader.read_all(after, limit).await
    }

    fn is_writable(&self) -> Result<(), String> {
        self.log.is_writable()
    }

    fn head(&self) -> watch::Receiver<Position> {
        self.log.head()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_adapter_keeps_the_contract() {
    let report = check(Arc::new(InMemory)).await;
    assert!(report.is_kept(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_can_be_checked_on_a_log_that_has_records_twice() {
    let log = Arc::new(MemoryLog::new());
    for _ in 0..2 {
        let report = check(Arc::new(OneInMemory(log.clone()))).await;
        assert!(report.is_kept(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sqlite_adapter_keeps_the_contract() {
    let report = check(Arc::new(InFiles::new(false))).await;
    assert!(report.is_kept(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sqlite_adapter_keeps_the_contract_for_who_reads_the_file() {
    let report = check(Arc::new(InFiles::new(true))).await;
    assert!(report.is_kept(), "{report}");
}
