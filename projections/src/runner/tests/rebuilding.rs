//! Rebuilds that somebody asks for.

use std::time::Duration;

use domain::ids::JobId;
use eventlog::Position;
use store::Statement;

use super::counts::{Counts, facts_seen};
use crate::runner::check::Running;
use crate::runner::{Comparison, Projection, Rebuild, RebuildRefused, RebuildState};
use crate::testing::Ledger;

const COUNTS: Projection = Projection::of::<Counts<1>>();
const FIRST: JobId = JobId::from_bits(1);
const SECOND: JobId = JobId::from_bits(2);

async fn over(facts: usize) -> (Ledger, Running) {
    let ledger = Ledger::new();
    for number in 0..facts {
        ledger.permission(&format!("invoices{number}:read")).await;
    }
    let running = Running::start(COUNTS, &ledger);
    running.catch_up(&ledger).await;
    (ledger, running)
}

/// Waits until the last rebuild has ended.
async fn ended(running: &Running) -> Rebuild {
    let ending = async {
        loop {
            let rebuild = running.handle.last_rebuild().unwrap();
            if rebuild.state != RebuildState::Running {
                return rebuild;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ending).await.unwrap()
}

async fn compared(running: &Running) -> Comparison {
    let rebuild = ended(running).await;
    let RebuildState::Done { comparison, .. } = rebuild.state else { panic!("{rebuild:?}") };
    comparison
}

#[tokio::test]
async fn a_rebuild_says_that_it_is_identical_to_what_it_replaced() {
    let (ledger, running) = over(7).await;
    assert!(running.handle.last_rebuild().is_none());
    running.handle.rebuild(FIRST).unwrap();
    let comparison = compared(&running).await;
    assert!(comparison.is_identical());
    assert_eq!((comparison.position, comparison.rows), (Position(7), 1));
    ledger.permission("invoices:write").await;
    running.catch_up(&ledger).await;
    assert_eq!(facts_seen(&running.view()).await, 8);
    assert!(running.place.path().join("counts.v1.2.db").is_file());
    assert_eq!(running.handle.progress(), None);
}

#[tokio::test]
async fn a_rebuild_names_the_tables_that_were_others_and_serves_what_the_facts_amount_to() {
    let (_ledger, running) = over(3).await;
    let writer = running.views.writer("counts", 1).await.unwrap();
    let wrong = Statement::new("UPDATE counts.streams SET facts = 99", vec![]);
    writer.transact(vec![wrong]).await.unwrap();
    running.handle.rebuild(FIRST).unwrap();
    assert_eq!(compared(&running).await.differing, ["streams"]);
    assert_eq!(facts_seen(&running.view()).await, 3);
}

#[tokio::test]
async fn there_is_one_rebuild_at_a_time_and_asking_again_begins_nothing() {
    let (_ledger, running) = over(3).await;
    running.handle.rebuild(FIRST).unwrap();
    assert_eq!(running.handle.rebuild(SECOND), Err(RebuildRefused::UnderWay(FIRST)));
    assert_eq!(running.handle.rebuild(FIRST).unwrap().id, FIRST);
    let done = ended(&running).await;
    assert_eq!(running.handle.rebuild(FIRST), Ok(done));
    running.handle.rebuild(SECOND).unwrap();
    assert_eq!(ended(&running).await.id, SECOND);
}

#[tokio::test]
async fn nothing_is_built_beside_what_is_not_served_and_nobody_builds_for_a_task_that_has_ended() {
    let ledger = Ledger::new();
    let unserved = Running::start(COUNTS, &ledger);
    assert_eq!(unserved.handle.rebuild(FIRST), Err(RebuildRefused::BeingBuilt));
    let (_ledger, running) = over(1).await;
    let handle = running.handle.clone();
    running.stop().await;
    assert_eq!(handle.rebuild(FIRST), Err(RebuildRefused::Ended));
}

#[tokio::test]
async fn what_was_built_half_is_gone_when_another_process_starts() {
    let (ledger, running) = over(5).await;
    let beside = running.views.begin_rebuild("counts", 1).await.unwrap();
    let half = Statement::new("CREATE TABLE counts.streams (stream TEXT PRIMARY KEY, facts BIGINT)", vec![]);
    beside.transact(vec![half]).await.unwrap();
    let half = running.place.path().join("counts.v1.2.db");
    assert!(half.is_file());
    let place = running.stop().await;
    let next = Running::start_in(place, COUNTS, &ledger);
    next.catch_up(&ledger).await;
    assert_eq!(facts_seen(&next.view()).await, 5);
    assert!(!half.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_facts_are_written_the_view_is_built_again_and_every_answer_is_whole() {
    let (ledger, running) = over(50).await;
    for round in 1..=3 {
        running.handle.rebuild(JobId::from_bits(round)).unwrap();
        let mut written = 0;
        while running.handle.last_rebuild().unwrap().state == RebuildState::Running {
            ledger.permission(&format!("r{round}n{written}:read")).await;
            written += 1;
            let position = running.catch_up(&ledger).await;
            // All facts are of one stream: an answer is whole if it counts as many as the position says.
            assert!(position.0 <= facts_seen(&running.view()).await);
        }
        assert!(compared(&running).await.is_identical());
    }
}
