//! A running projection, as long as all is well, and when a fact is poison.

use std::time::Duration;

use domain::ids::JobId;
use domain::time::Lifespan;
use eventlog::Position;

use super::counts::{Counts, facts_seen};
use crate::runner::check::Running;
use crate::runner::{Projection, State, Status, WaitError};
use crate::testing::{Ledger, Wish};

const COUNTS: Projection = Projection::of::<Counts<1>>();
const SOON: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn readers_see_a_fact_once_they_have_waited_for_its_position() {
    let ledger = Ledger::new();
    let running = Running::start(COUNTS, &ledger);
    let acme = ledger.organization("acme").await;
    for number in 1..=20 {
        ledger.issue(number, acme, &Wish::named("ci")).await;
        running.catch_up(&ledger).await;
        assert_eq!(facts_seen(&running.view()).await, 2 + u64::try_from(number).unwrap());
    }
    let status = running.handle.status();
    assert_eq!((status.state, status.position, status.head), (State::Live, Position(22), Position(22)));
    assert_eq!((status.lag, status.reason), (Lifespan::ZERO, None));
}

#[tokio::test]
async fn an_empty_ledger_has_an_empty_view_that_is_published() {
    let ledger = Ledger::new();
    let running = Running::start(COUNTS, &ledger);
    let mut status = running.handle.status.clone();
    status.wait_for(|it| it.state == State::Live).await.unwrap();
    assert_eq!(facts_seen(&running.view()).await, 0);
}

#[tokio::test]
async fn a_position_that_the_ledger_does_not_have_is_not_waited_for_in_vain() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let running = Running::start(COUNTS, &ledger);
    let waited = running.handle.wait_for(Position(2), SOON).await;
    assert_eq!(waited, Err(WaitError::Beyond { asked: Position(2), head: Position(1) }));
}

#[tokio::test]
async fn poison_halts_the_view_before_it_and_says_where_and_why() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    ledger.reset_operators().await;
    ledger.advance(Lifespan::hours(1));
    ledger.permission("invoices:write").await;
    let running = Running::start(COUNTS, &ledger);
    let waited = running.handle.wait_for(Position(3), PATIENCE).await;
    let (asked, reached) = (Position(3), Position(1));
    assert_eq!(waited, Err(WaitError::Halted { name: "counts", asked, reached }));
    assert_eq!(facts_seen(&running.view()).await, 1, "what was before is still seen");
    let status = running.handle.status();
    assert_eq!((status.state, status.halted_at), (State::Halted, Some(Position(2))));
    assert_eq!(
        status.reason.as_deref(),
        Some("operator.reset.v1 evt_0000000000000000000002 cannot be folded: nothing is known of resets")
    );
    assert_eq!(status.lag, Lifespan::hours(1), "lag is log time");
    assert_eq!(running.handle.wait_for(Position(1), SOON).await, Ok(Position(1)));
}

#[tokio::test]
async fn a_halted_view_stands_still_until_somebody_has_it_built_again() {
    let ledger = Ledger::new();
    ledger.reset_operators().await;
    let running = Running::start(COUNTS, &ledger);
    let mut status = running.handle.status.clone();
    status.wait_for(|it| it.state == State::Halted).await.unwrap();
    let second_build = running.place.path().join("counts.v1.2.db");
    running.handle.rebuild(JobId::from_bits(1)).unwrap();
    // It is as poisonous as before.
    let is_over = |it: &Status| it.halted_at == Some(Position(1)) && second_build.is_file();
    status.wait_for(is_over).await.unwrap();
}

#[tokio::test]
async fn a_record_that_cannot_be_read_halts_the_view() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let limit = eventlog::Limit { records: 1, bytes: 0 };
    let good = ledger.feed.page(Position(0), limit).await.unwrap().events[0].recorded.as_ref().clone();
    let bad = domain::fact::Recorded { version: 2, id: domain::ids::EventId::from_bits(99), ..good };
    ledger.append_bytes(&bad, b"{}".to_vec()).await;
    let running = Running::start(COUNTS, &ledger);
    let mut status = running.handle.status.clone();
    status.wait_for(|it| it.halted_at == Some(Position(2))).await.unwrap();
    assert_eq!(facts_seen(&running.view()).await, 1);
}

#[tokio::test]
async fn a_task_that_is_told_to_stop_stops_and_the_next_one_goes_on() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let first = Running::start(COUNTS, &ledger);
    first.catch_up(&ledger).await;
    let handle = first.handle.clone();
    let place = first.stop().await;
    ledger.permission("invoices:write").await;
    let status = handle.status();
    assert_eq!((status.state, status.head), (State::Halted, Position(2)), "a dead task does not look well");
    let waited = handle.wait_for(Position(2), PATIENCE).await;
    assert!(matches!(waited, Err(WaitError::Halted { .. })), "nobody waits for it");
    let second = Running::start_in(place, COUNTS, &ledger);
    second.catch_up(&ledger).await;
    assert_eq!(facts_seen(&second.view()).await, 2);
}
