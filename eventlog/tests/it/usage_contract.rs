//! The usage log's contract suite on each adapter.

use std::{
    num::NonZeroU16,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use eventlog::usage::{
    MemoryUsageLog, Options, SqliteUsageLog, UsageLog,
    contract::{Factory, check},
};
use parking_lot::Mutex;
use tempfile::TempDir;

use crate::usage_sqlite::OPTIONS;

/// A usage log in memory for each rule; a restart leaves it as it is.
struct InMemory(u16);

#[async_trait]
impl Factory for InMemory {
    async fn open(&self) -> Result<Arc<dyn UsageLog>, String> {
        Ok(Arc::new(MemoryUsageLog::new(self.0)))
    }

    async fn reopen(&self, log: Arc<dyn UsageLog>) -> Result<Arc<dyn UsageLog>, String> {
        Ok(log)
    }
}

/// One usage log in memory for all rules.
struct OneInMemory(Arc<MemoryUsageLog>);

#[async_trait]
impl Factory for OneInMemory {
    async fn open(&self) -> Result<Arc<dyn UsageLog>, String> {
        Ok(self.0.clone())
    }

    async fn reopen(&self, log: Arc<dyn UsageLog>) -> Result<Arc<dyn UsageLog>, String> {
        Ok(log)
    }
}

/// A folder of SQLite files for each rule.
struct InFiles {
    folder: TempDir,
    folders: AtomicUsize,
    options: Options,
    open: Mutex<Option<Arc<SqliteUsageLog>>>,
}

impl InFiles {
    fn with_lanes(lanes: u16) -> Self {
        let options = Options { lanes: NonZeroU16::new(lanes).unwrap(), ..OPTIONS };
        let folder = tempfile::tempdir().unwrap();
        Self { folder, folders: AtomicUsize::new(0), options, open: Mutex::new(None) }
    }

    fn open_folder(&self, number: usize) -> Result<Arc<dyn UsageLog>, String> {
        let path = self.folder.path().join(number.to_string());
        let log = Arc::new(SqliteUsageLog::open(path, self.options).map_err(|err| err.to_string())?);
        *self.open.lock() = Some(log.clone());
        Ok(log)
    }
}

#[async_trait]
impl Factory for InFiles {
    async fn open(&self) -> Result<Arc<dyn UsageLog>, String> {
        self.open_folder(self.folders.fetch_add(1, Ordering::Relaxed) + 1)
    }

    async fn reopen(&self, log: Arc<dyn UsageLog>) -> Result<Arc<dyn UsageLog>, String> {
        drop(log);
        let open = self.open.lock().take().ok_or("no folder is open")?;
        open.close().await;
        self.open_folder(self.folders.load(Ordering::Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_usage_log_in_sqlite_files_keeps_the_contract() {
    for lanes in [1, 3] {
        let report = check(Arc::new(InFiles::with_lanes(lanes))).await;
        assert!(report.is_kept(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_usage_log_in_memory_keeps_the_contract() {
    for lanes in [1, 3] {
        let report = check(Arc::new(InMemory(lanes))).await;
        assert!(report.is_kept(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_can_be_checked_on_a_usage_log_that_has_blocks() {
    let log = Arc::new(MemoryUsageLog::new(2));
    for _ in 0..2 {
        let report = check(Arc::new(OneInMemory(log.clone()))).await;
        assert!(report.is_kept(), "{report}");
    }
}
