//! Engines that fail, and owners who are two.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use eventlog::Position;
use parking_lot::Mutex;
use store::{Row, Sql, SqlError, SqliteViews, Statement, Value, Views};

use super::counts::{Counts, facts_seen};
use crate::runner::check::Running;
use crate::runner::{Projection, State};
use crate::testing::Ledger;

const COUNTS: Projection = Projection::of::<Counts<1>>();

/// What happens to a transaction.
#[derive(Clone, Copy)]
enum Mishap {
    /// It is not applied.
    Refuse,
    /// It is applied, and nobody says so.
    LoseAnswer,
}

type Mishaps = Arc<Mutex<VecDeque<Mishap>>>;

/// Views whose writers meet mishaps.
struct Frail {
    views: SqliteViews,
    mishaps: Mishaps,
}

struct FrailSql {
    sql: Arc<dyn Sql>,
    mishaps: Mishaps,
}

fn unavailable() -> SqlError {
    SqlError::Unavailable { waited: Duration::ZERO }
}

#[async_trait]
impl Sql for FrailSql {
    async fn query(&self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, SqlError> {
        self.sql.query(sql, args).await
    }

    async fn transact(&self, statements: Vec<Statement>) -> Result<Vec<u64>, SqlError> {
        let mishap = self.mishaps.lock().pop_front();
        match mishap {
            None => self.sql.transact(statements).await,
            Some(Mishap::Refuse) => Err(unavailable()),
            Some(Mishap::LoseAnswer) => {
                self.sql.transact(statements).await?;
                Err(unavailable())
            }
        }
    }
}

impl Frail {
    fn frail(&self, sql: Arc<dyn Sql>) -> Arc<dyn Sql> {
        Arc::new(FrailSql { sql, mishaps: Arc::clone(&self.mishaps) })
    }
}

#[async_trait]
impl Views for Frail {
    async fn writer(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError> {
        Ok(self.frail(self.views.writer(projection, version).await?))
    }

    async fn publish(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        self.views.publish(projection, version).await
    }

    async fn published(&self, projection: &str) -> Result<Option<u32>, SqlError> {
        self.views.published(projection).await
    }

    async fn begin_rebuild(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError> {
        Ok(self.frail(self.views.begin_rebuild(projection, version).await?))
    }

    async fn finish_rebuild(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        self.views.finish_rebuild(projection, version).await
    }

    fn reader(&self) -> Arc<dyn Sql> {
        self.views.reader()
    }

    async fn check(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        self.views.check(projection, version).await
    }

    async fn discard(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        self.views.discard(projection, version).await
    }
}

fn over_frail_views(ledger: &Ledger) -> (Running, Mishaps) {
    let place = tempfile::tempdir().unwrap();
    let mishaps = Mishaps::default();
    let views = SqliteViews::open(place.path()).unwrap();
    let views = Arc::new(Frail { views, mishaps: Arc::clone(&mishaps) });
    (Running::start_over(views, place, COUNTS, ledger), mishaps)
}

#[tokio::test]
async fn what_the_engine_refuses_for_a_while_is_written_when_it_is_back() {
    let ledger = Ledger::new();
    let (running, mishaps) = over_frail_views(&ledger);
    running.catch_up(&ledger).await;
    for mishap in [Mishap::Refuse, Mishap::LoseAnswer] {
        mishaps.lock().extend([mishap; 2]);
        ledger.permission("invoices:read").await;
        running.catch_up(&ledger).await;
    }
    assert_eq!(facts_seen(&running.view()).await, 2, "each fact is counted once");
    assert_eq!(running.handle.status().state, State::Live);
}

#[tokio::test]
async fn of_two_owners_the_one_whose_checkpoint_was_moved_stops() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let running = Running::start(COUNTS, &ledger);
    running.catch_up(&ledger).await;
    let other = running.views.writer("counts", 1).await.unwrap();
    let moved = Statement::new("UPDATE counts.checkpoints SET position = 7", vec![]);
    other.transact(vec![moved]).await.unwrap();
    ledger.permission("invoices:write").await;
    let mut status = running.handle.status.clone();
    status.wait_for(|it| it.state == State::Halted).await.unwrap();
    let status = running.handle.status();
    assert_eq!(status.reason.as_deref(), Some("another owner has moved the checkpoint"));
    assert_eq!(status.position, Position(1));
    assert_eq!(facts_seen(&running.view()).await, 1, "nothing was written");
}
