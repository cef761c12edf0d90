//! The usage log's contract suite on each adapter.

use std::sync::Arc;

use async_trait::async_trait;
use eventlog::usage::{
    MemoryUsageLog, UsageLog,
    contract::{Factory, check},
};

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
