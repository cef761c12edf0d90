use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use commands::{
    clock::{LedgerClock, ManualTime},
    refusal::Refusal,
};
use domain::time::{Lifespan, Timestamp};
use eventlog::Position;
use tokio::{sync::watch, time::Instant};

use super::{PERIOD, Workers};
use crate::{ReconcileError, Reconciler, Wake, testing::NOON};

/// A worker that counts its looks, and does at each what it is told.
struct Scripted {
    looks: watch::Sender<u32>,
    does: fn(u32) -> Result<Wake, ReconcileError>,
}

impl Scripted {
    fn new(does: fn(u32) -> Result<Wake, ReconcileError>) -> Arc<Self> {
        Arc::new(Self { looks: watch::Sender::new(0), does })
    }

    async fn has_looked(&self, times: u32) {
        let mut looks = self.looks.subscribe();
        let looked = looks.wait_for(|it| times <= *it);
        tokio::time::timeout(Duration::from_secs(20), looked).await.unwrap().unwrap();
    }

    fn looks(&self) -> u32 {
        *self.looks.borrow()
    }
}

#[async_trait]
impl Reconciler for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn reconcile(&self) -> Result<Wake, ReconcileError> {
        self.looks.send_modify(|it| *it += 1);
        (self.does)(self.looks())
    }
}

struct Scene {
    time: Arc<ManualTime>,
    head: watch::Sender<Position>,
    workers: Workers,
}

fn scene(workers: &[&Arc<Scripted>]) -> Scene {
    let time = Arc::new(ManualTime::at(NOON));
    let clock = Arc::new(LedgerClock::start(time.clone(), Timestamp::EPOCH).unwrap());
    let head = watch::Sender::new(Position(0));
    let workers = workers.iter().map(|it| Arc::clone(*it) as Arc<dyn Reconciler>).collect();
    let workers = Workers::start(workers, &clock, &head.subscribe());
    Scene { time, head, workers }
}

/// An hour, which is over as soon as everybody waits: whoever would do something in it has done it.
async fn an_hour_passes() {
    tokio::time::sleep(Duration::from_hours(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_woken_by_the_start_by_news_by_the_clock_and_by_the_period() {
    let worker = Scripted::new(|looks| match looks {
        1 | 3 => Ok(Wake::OnNews),
        _ => Ok(Wake::At(NOON.plus(Lifespan::seconds(7)))),
    });
    let scene = scene(&[&worker]);
    worker.has_looked(1).await;
    an_hour_passes().await;
    assert_eq!(worker.looks(), 1, "it sleeps where nothing happens");
    scene.head.send_replace(Position(1));
    worker.has_looked(2).await;
    scene.time.advance(Lifespan::seconds(6));
    an_hour_passes().await;
    assert_eq!(worker.looks(), 2);
    scene.time.advance(Lifespan::seconds(1));
    worker.has_looked(3).await;
    an_hour_passes().await;
    scene.time.advance(PERIOD);
    worker.has_looked(4).await;
    scene.workers.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_panics_starts_again_and_disturbs_no_other() {
    let clumsy = Scripted::new(|looks| {
        assert!(2 < looks, "boom");
        Ok(Wake::OnNews)
    });
    let careful = Scripted::new(|_| Ok(Wake::OnNews));
    let scene = scene(&[&clumsy, &careful]);
    clumsy.has_looked(3).await;
    scene.head.send_replace(Position(1));
    careful.has_looked(2).await;
    scene.workers.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_fails_is_tried_again_with_growing_waits() {
    let unlucky = Scripted::new(|_| Err(Refusal::Contended.into()));
    let began = Instant::now();
    let scene = scene(&[&unlucky]);
    let mut waits = [0; 4];
    for (look, wait) in (1..).zip(&mut waits) {
        unlucky.has_looked(look).await;
        *wait = began.elapsed().as_millis();
    }
    // Timers go by the millisecond, and up.
    let expected = [0, 50, 150, 350];
    assert!(expected.iter().zip(waits).all(|(it, wait)| (*it..it + 10).contains(&wait)), "{waits:?}");
    scene.workers.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_wake_that_is_past_is_no_busy_loop() {
    let hasty = Scripted::new(|_| Ok(Wake::At(NOON)));
    let scene = scene(&[&hasty]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!((15..=21).contains(&hasty.looks()), "one each 50 ms: {}", hasty.looks());
    scene.workers.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_ledger_wakes_nobody() {
    let worker = Scripted::new(|_| Ok(Wake::OnNews));
    let scene = scene(&[&worker]);
    worker.has_looked(1).await;
    drop(scene.head);
    an_hour_passes().await;
    assert_eq!(worker.looks(), 1);
    scene.workers.stop().await;
}

/// A worker that takes its time, and says when it begins and ends.
struct Slow(watch::Sender<u32>);

#[async_trait]
impl Reconciler for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn reconcile(&self) -> Result<Wake, ReconcileError> {
        self.0.send_replace(1);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.0.send_replace(2);
        Ok(Wake::OnNews)
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_has_begun_is_finished_before_the_end() {
    let slow = Arc::new(Slow(watch::Sender::new(0)));
    let time = Arc::new(ManualTime::at(NOON));
    let clock = Arc::new(LedgerClock::start(time, Timestamp::EPOCH).unwrap());
    let head = watch::Sender::new(Position(0));
    let workers = Workers::start(vec![slow.clone()], &clock, &head.subscribe());
    slow.0.subscribe().wait_for(|it| *it == 1).await.unwrap();
    workers.stop().await;
    assert_eq!(*slow.0.borrow(), 2);
}
