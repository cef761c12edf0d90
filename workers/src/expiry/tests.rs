use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    actor::Actor,
    fact::Fact,
    ids::{JobId, TokenId},
    time::{Lifespan, Timestamp},
    token,
};

use tokio::sync::watch;

use super::{BATCH, Expiry, held::MOST};
use crate::{
    ReconcileError, Reconciler, Wake, Workers,
    testing::{NOON, Process, World},
};

const HOUR: i64 = 3_600_000_000;
const MINUTE: i64 = 60_000_000;
const HALF_AN_HOUR: Lifespan = Lifespan::seconds(1_800);

/// A world with an organisation (three facts) and tokens that live half an hour.
async fn with_tokens(tokens: usize) -> (World, Process, Vec<TokenId>) {
    let world = World::new();
    let process = world.process().await;
    let acme = process.register().await.unwrap();
    let mut ids = Vec::new();
    for n in 0..tokens {
        ids.push(process.issue(&acme, &format!("ci-{n}"), HALF_AN_HOUR).await);
    }
    (world, process, ids)
}

/// The worker, with its looks counted as they end.
struct Counted {
    expiry: Expiry,
    looks: watch::Sender<u32>,
}

impl Counted {
    fn new(expiry: Expiry) -> Arc<Self> {
        Arc::new(Self { expiry, looks: watch::Sender::new(0) })
    }

    async fn has_looked(&self, times: u32) {
        let mut looks = self.looks.subscribe();
        let looked = looks.wait_for(|it| times <= *it);
        tokio::time::timeout(Duration::from_secs(20), looked).await.unwrap().unwrap();
    }
}

#[async_trait]
impl Reconciler for Counted {
    fn name(&self) -> &'static str {
        self.expiry.name()
    }

    async fn reconcile(&self) -> Result<Wake, ReconcileError> {
        let outcome = self.expiry.reconcile().await;
        self.looks.send_modify(|it| *it += 1);
        outcome
    }
}

/// Lets time pass second by second, as a process would see it, with a look of the worker each minute.
async fn pass(world: &World, process: &Process, minutes: i64) {
    let expiry = process.expiry();
    for second in 1..=minutes * 60 {
        world.time.advance(Lifespan::seconds(1));
        process.clock.now();
        if second % 60 == 0 {
            expiry.reconcile().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_token_expires_at_its_moment_by_the_worker_and_because_it_was_issued() {
    let (world, process, ids) = with_tokens(1).await;
    let worker = Counted::new(process.expiry());
    let workers = Workers::start(vec![worker.clone()], &process.clock, &world.head());
    worker.has_looked(1).await;
    world.time.advance(Lifespan::from_micros(HALF_AN_HOUR.micros() - 1));
    // The worker looks again by its period, and finds nothing.
    worker.has_looked(2).await;
    assert!(world.expirations().await.is_empty());
    world.time.advance(Lifespan::from_micros(1));
    world.has_records(5).await;
    workers.stop().await;
    let facts = world.facts().await;
    let (issued, expired) = (&facts[3], &facts[4]);
    assert_eq!(expired.fact, Fact::Token(token::Event::Expired { expires_at: NOON.plus(HALF_AN_HOUR) }));
    assert_eq!(expired.stream.to_string(), format!("token-{}", ids[0]));
    assert_eq!((expired.causation, &expired.actor), (Some(issued.id), &Actor::system("expiry")));
    assert!(expired.recorded_at.since(NOON.plus(HALF_AN_HOUR)) <= Lifespan::seconds(1));
}

#[tokio::test]
async fn a_token_issued_while_the_worker_sleeps_wakes_it_in_time() {
    let (world, process, _) = with_tokens(0).await;
    let acme = process.register().await.unwrap();
    let workers = Workers::start(vec![Arc::new(process.expiry())], &process.clock, &world.head());
    process.issue(&acme, "short", Lifespan::seconds(2)).await;
    for _ in 0..20 {
        world.time.advance(Lifespan::from_micros(100_000));
        tokio::task::yield_now().await;
    }
    world.has_records(5).await;
    workers.stop().await;
    let late = world.expirations().await[0].recorded_at.since(NOON.plus(Lifespan::seconds(2)));
    assert!(late <= Lifespan::seconds(1), "{late}");
}

#[tokio::test]
async fn two_workers_at_once_add_one_fact() {
    let (world, one, ids) = with_tokens(8).await;
    let other = world.process().await;
    world.time.advance(HALF_AN_HOUR);
    let (first, second) = (one.expiry(), other.expiry());
    let (first, second) = tokio::join!(first.reconcile(), second.reconcile());
    first.unwrap();
    second.unwrap();
    assert_eq!(world.expirations().await.len(), ids.len());
}

#[tokio::test]
async fn more_than_one_batch_at_one_moment_are_all_fired() {
    let (world, process, ids) = with_tokens(BATCH + 1).await;
    world.time.advance(HALF_AN_HOUR);
    let expiry = process.expiry();
    let now = process.clock.now();
    assert_eq!(expiry.reconcile().await.unwrap(), Wake::At(now), "there is more");
    expiry.reconcile().await.unwrap();
    assert_eq!(world.expirations().await.len(), ids.len());
}

#[tokio::test]
async fn a_timer_that_cannot_be_fired_delays_no_other_and_waits_longer_each_time() {
    let (world, process, ids) = with_tokens(1).await;
    process.plant_timers(1).await;
    world.time.advance(HALF_AN_HOUR);
    let (expiry, now) = (process.expiry(), process.clock.now());
    let again = |millis: i64| Wake::At(now.plus(Lifespan::from_micros(millis * 1_000)));
    for _ in 0..2 {
        assert_eq!(expiry.reconcile().await.unwrap(), again(50));
        assert_eq!(world.expirations().await.len(), ids.len());
    }
    world.time.advance(Lifespan::from_micros(50_000));
    assert_eq!(expiry.reconcile().await.unwrap(), again(150));
}

#[tokio::test]
async fn a_batch_of_timers_that_cannot_be_fired_starves_no_other() {
    let (world, process, _) = with_tokens(1).await;
    process.plant_timers(BATCH as u128).await;
    world.time.advance(HALF_AN_HOUR);
    let expiry = process.expiry();
    assert_eq!(expiry.reconcile().await.unwrap(), Wake::At(process.clock.now()), "there is more");
    assert!(world.expirations().await.is_empty());
    expiry.reconcile().await.unwrap();
    assert_eq!(world.expirations().await.len(), 1);
}

#[tokio::test]
async fn more_timers_than_can_wait_for_themselves_are_a_failure() {
    let (_world, process, _) = with_tokens(0).await;
    process.plant_timers(MOST as u128 + 1).await;
    let expiry = process.expiry();
    expiry.reconcile().await.unwrap();
    let failed = expiry.reconcile().await.unwrap_err();
    assert!(matches!(failed, ReconcileError::Refused(_)), "{failed:?}");
}

#[tokio::test]
async fn what_was_due_while_nobody_ran_is_fired_at_the_next_start_and_once() {
    let (world, process, _) = with_tokens(2).await;
    drop(process);
    world.time.advance(Lifespan::days(2));
    for _ in 0..2 {
        world.process().await.expiry().reconcile().await.unwrap();
        assert_eq!(world.expirations().await.len(), 2);
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_leaves_nothing_out_and_doubles_nothing() {
    let (world, process, _) = with_tokens(3).await;
    world.time.advance(HALF_AN_HOUR);
    // The process dies with the first fact stored, nobody told, and two not begun.
    world.log.lose_next_answer();
    let (expiry, due) = (process.expiry(), process.timers.due(process.clock.now(), 1));
    let due = due.await.unwrap_or_default();
    let _ = expiry.fire(due).await;
    drop(process);
    world.process().await.expiry().reconcile().await.unwrap();
    assert_eq!(world.expirations().await.len(), 3);
}

#[tokio::test]
async fn a_view_built_again_fires_nothing_again() {
    let (world, process, _) = with_tokens(2).await;
    world.time.advance(HALF_AN_HOUR);
    let expiry = process.expiry();
    expiry.reconcile().await.unwrap();
    let facts = world.facts().await.len();
    process.timers.view().handle().rebuild(JobId::from_bits(1)).unwrap();
    // Another process builds its view from nothing.
    let other = world.process().await;
    for expiry in [expiry, other.expiry()] {
        assert_eq!(expiry.reconcile().await.unwrap(), Wake::At(process.first_token_ends()));
    }
    assert_eq!(world.facts().await.len(), facts);
}

#[tokio::test]
async fn a_wall_clock_an_hour_ahead_ends_no_token_for_ten_minutes() {
    let (world, process, _) = with_tokens(1).await;
    world.time.leap(HOUR);
    pass(&world, &process, 9).await;
    assert!(world.expirations().await.is_empty());
    pass(&world, &process, 2).await;
    assert_eq!(world.expirations().await.len(), 1);
}

#[tokio::test]
async fn a_wall_clock_forty_days_ahead_for_nine_minutes_ends_nothing() {
    let (world, process, _) = with_tokens(1).await;
    world.time.leap(40 * 24 * HOUR);
    pass(&world, &process, 9).await;
    world.time.leap(-40 * 24 * HOUR);
    pass(&world, &process, 20).await;
    assert!(world.expirations().await.is_empty());
    pass(&world, &process, 2).await;
    assert_eq!(world.expirations().await.len(), 1);
}

#[tokio::test]
async fn a_wall_clock_an_hour_behind_revives_no_token_and_ends_it_once() {
    let (world, process, _) = with_tokens(1).await;
    pass(&world, &process, 31).await;
    world.time.leap(-HOUR);
    pass(&world, &process, 30).await;
    let expirations = world.expirations().await;
    assert_eq!(expirations.len(), 1);
    let end = NOON.plus(HALF_AN_HOUR);
    assert!(end <= expirations[0].recorded_at && end <= process.clock.now());
    assert!(expirations[0].recorded_at.micros() - end.micros() <= MINUTE);
}

#[tokio::test]
async fn a_view_that_does_not_follow_is_a_failure_and_no_busy_loop() {
    let (world, process, _) = with_tokens(1).await;
    drop(process);
    let lame = world.process_with(false).await;
    let began = std::time::Instant::now();
    let failed = lame.expiry().reconcile().await.unwrap_err();
    assert!(matches!(failed, ReconcileError::Behind(_)), "{failed:?}");
    assert!(super::PATIENCE <= began.elapsed(), "it waits for the view, within bounds");
}

impl Process {
    /// When the owner's first token ends, which a registration issues for 30 days.
    fn first_token_ends(&self) -> Timestamp {
        assert!(self.clock.now() < NOON.plus(Lifespan::days(30)));
        NOON.plus(Lifespan::days(30))
    }
}
