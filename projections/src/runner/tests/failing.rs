//! Engines that fail, and owners who are two.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::JobId;
use eventlog::Position;
use parking_lot::Mutex;
use store::{Build, Row, Sql, SqlError, SqliteViews, Statement, Value, Views};

use super::counts::{Counts, facts_seen};
use crate::runner::check::Running;
use crate::runner::follower::Follower;
use crate::runner::outcome::Stop;
use crate::runner::pace::Pace;
use crate::runner::{Projection, RebuildRefused, State, UsageLane};
use crate::testing::{Call, LANE, Ledger, Usage};
use crate::token_addresses::TokenAddresses;

const COUNTS: Projection = Projection::of::<Counts<1>>();

const PATIENCE: Duration = Duration::from_secs(20);

/// What happens to a transaction.
#[derive(Clone, Copy)]
enum Mishap {
    /// It is not applied.
    Refuse,
    /// It is applied, and nobody says so.
    LoseAnswer,
    /// The engine says that the database is damaged.
    Damage,
}

type Mishaps = Arc<Mutex<VecDeque<Mishap>>>;

/// Views whose writers meet mishaps.
struct Frail {
    views: SqliteViews,
    mishaps: Mishaps,
    /// Those of the writers beside what is served; the first meet it when they are begun.
    beside: Mishaps,
    /// The end of rebuilds.
    finishing: Mishaps,
}

struct FrailSql {
    sql: Arc<dyn Sql>,
    mishaps: Mishaps,
}

fn unavailable() -> SqlError {
    SqlError::Unavailable { waited: Duration::ZERO }
}

fn damaged() -> SqlError {
    SqlError::Corrupt { message: "told so".to_owned() }
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
            Some(Mishap::Damage) => Err(damaged()),
            Some(Mishap::LoseAnswer) => {
                self.sql.transact(statements).await?;
                Err(unavailable())
            }
        }
    }

    async fn scrub(&self) -> Result<(), SqlError> {
        self.sql.scrub().await
    }
}

impl Frail {
    fn over(views: SqliteViews) -> Self {
        let (mishaps, beside, finishing) = Default::default();
        Self { views, mishaps, beside, finishing }
    }
}

#[async_trait]
impl Views for Frail {
    async fn writer(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError> {
        let sql = self.views.writer(projection, version).await?;
        Ok(Arc::new(FrailSql { sql, mishaps: Arc::clone(&self.mishaps) }))
    }

    async fn publish(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        self.views.publish(projection, version).await
    }

    async fn published(&self, projection: &str) -> Result<Option<u32>, SqlError> {
        self.views.published(projection).await
    }

    async fn begin_rebuild(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError> {
        let sql = self.views.begin_rebuild(projection, version).await?;
        Ok(Arc::new(FrailSql { sql, mishaps: Arc::clone(&self.beside) }))
    }

    async fn finish_rebuild(&self, projection: &str, version: u32) -> Result<(), SqlError> {
        let mishap = self.finishing.lock().pop_front();
        match mishap {
            None => self.views.finish_rebuild(projection, version).await,
            Some(Mishap::Refuse | Mishap::LoseAnswer) => Err(unavailable()),
            Some(Mishap::Damage) => Err(damaged()),
        }
    }

    async fn moment(&self, projection: &str, version: u32, build: Build) -> Result<Arc<dyn Sql>, SqlError> {
        self.views.moment(projection, version, build).await
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

fn over_frail_views(ledger: &Ledger) -> (Running, Arc<Frail>) {
    let place = tempfile::tempdir().unwrap();
    let views = Arc::new(Frail::over(SqliteViews::open(place.path()).unwrap()));
    (Running::start_over(views.clone(), place, COUNTS, ledger), views)
}

#[tokio::test]
async fn what_the_engine_refuses_for_a_while_is_written_when_it_is_back() {
    let ledger = Ledger::new();
    let (running, frail) = over_frail_views(&ledger);
    running.catch_up(&ledger).await;
    for mishap in [Mishap::Refuse, Mishap::LoseAnswer] {
        frail.mishaps.lock().extend([mishap; 2]);
        ledger.permission("invoices:read").await;
        running.catch_up(&ledger).await;
    }
    assert_eq!(facts_seen(&running.view()).await, 2, "each fact is counted once");
    assert_eq!(running.handle.status().state, State::Live);
}

#[tokio::test]
async fn an_attempt_that_failed_is_told_until_one_succeeds() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let (running, frail) = over_frail_views(&ledger);
    running.catch_up(&ledger).await;
    frail.mishaps.lock().extend([Mishap::Refuse; 3]);
    let mut status = running.handle.status.clone();
    ledger.permission("invoices:write").await;
    let failed = status.wait_for(|it| it.reason.is_some()).await.unwrap().clone();
    assert_eq!(failed.reason, Some(unavailable().to_string()));
    assert!(failed.behind_since.is_some());
    running.catch_up(&ledger).await;
    let well = status.wait_for(|it| it.reason.is_none()).await.unwrap().clone();
    assert_eq!((well.state, well.behind_since), (State::Live, None));
}

/// Has the view built again with these mishaps on the way, and looks on until it is swapped in.
async fn rebuilt_in_spite_of(beside: &[Mishap], finishing: &[Mishap]) {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let (running, frail) = over_frail_views(&ledger);
    running.catch_up(&ledger).await;
    frail.beside.lock().extend(beside);
    frail.finishing.lock().extend(finishing);
    let first_build = running.place.path().join("counts.v1.db");
    let mut status = running.handle.status.clone();
    status.mark_unchanged();
    running.handle.rebuild(JobId::from_bits(1)).unwrap();
    let rebuilt = async {
        while first_build.is_file() {
            assert_eq!(frail.published("counts").await.unwrap(), Some(1));
            assert_eq!(facts_seen(&running.view()).await, 1, "it is served all the time");
            status.changed().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, rebuilt).await.unwrap();
    ledger.permission("invoices:write").await;
    running.catch_up(&ledger).await;
    assert_eq!(facts_seen(&running.view()).await, 2);
    status.wait_for(|it| it.state == State::Live && it.reason.is_none()).await.unwrap();
    assert!(frail.beside.lock().is_empty() && frail.finishing.lock().is_empty());
}

#[tokio::test]
async fn damage_beside_throws_away_what_is_built_and_not_what_is_served() {
    rebuilt_in_spite_of(&[Mishap::Damage, Mishap::Damage], &[]).await;
    rebuilt_in_spite_of(&[], &[Mishap::Damage]).await;
}

#[tokio::test]
async fn a_rebuild_that_cannot_be_begun_or_finished_now_is_not_forgotten() {
    rebuilt_in_spite_of(&[Mishap::Refuse, Mishap::Refuse], &[Mishap::Refuse]).await;
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

#[tokio::test]
async fn nothing_is_built_beside_an_older_version_that_is_still_served() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let first = Running::start(COUNTS, &ledger);
    first.catch_up(&ledger).await;
    let place = first.stop().await;
    let frail = Arc::new(Frail::over(SqliteViews::open(place.path()).unwrap()));
    frail.mishaps.lock().extend([Mishap::Refuse; 1_000]);
    let second = Running::start_over(frail.clone(), place, Projection::of::<Counts<2>>(), &ledger);
    second.handle.status.clone().wait_for(|it| it.position == Position(1)).await.unwrap();
    assert_eq!(second.handle.rebuild(JobId::from_bits(1)), Err(RebuildRefused::BeingBuilt));
    frail.mishaps.lock().clear();
    let mut status = second.handle.status.clone();
    status.wait_for(|it| it.state == State::Live).await.unwrap();
    assert_eq!(frail.published("counts").await.unwrap(), Some(2));
    second.handle.rebuild(JobId::from_bits(1)).unwrap();
}

#[tokio::test]
async fn an_erasure_without_an_answer_is_scrubbed_when_it_is_tried_again() {
    let usage = Usage::new();
    usage.call(&Call::of(1)).await;
    usage.close(1).await;
    let place = tempfile::tempdir().unwrap();
    let views = Frail::over(SqliteViews::open(place.path()).unwrap());
    let writer = views.writer("token_addresses", 1).await.unwrap();
    let lane = Arc::new(UsageLane::new(Arc::clone(&usage.feed), LANE));
    let begun = Follower::begin(Projection::of::<TokenAddresses>(), lane, writer).await;
    let mut follower = begun.unwrap();
    follower.pass(&Pace::BULK).await.unwrap();
    usage.erase("mem_1").await;
    views.mishaps.lock().extend([Mishap::LoseAnswer]);
    let unanswered = follower.pass(&Pace::BULK).await;
    assert!(matches!(unanswered, Err(Stop::Retry(_))), "{unanswered:?}");
    assert!(follower.database().owes_scrub().await.unwrap());
    assert_eq!(follower.pass(&Pace::BULK).await.unwrap().stopped, None);
    assert!(!follower.database().owes_scrub().await.unwrap(), "it is scrubbed");
}
