use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use commands::{
    clock::{LedgerClock, ManualTime},
    refusal::Refusal,
};
use domain::time::{Lifespan, Timestamp};
use eventlog::Position;
use tokio::sync::watch;

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

/// Long enough for a worker to do what it should not.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn a_worker_is_woken_by_the_start_by_news_by_the_clock_and_by_the_period() {
    let worker = Scripted::new(|looks| match looks {
        1 | 3 => Ok(Wake::OnNews),
        _ => Ok(Wake::At(NOON.plus(Lifespan::seconds(7)))),
    });
    let scene = scene(&[&worker]);
    worker.has_looked(1).await;
    a_while().await;
    assert_eq!(worker.looks(), 1, "it sleeps where nothing happens");
    scene.head.send_replace(Position(1));
    worker.has_looked(2).await;
    scene.time.advance(Lifespan::seconds(6));
    a_while().await;
    assert_eq!(worker.looks(), 2);
    scene.time.advance(Lifespan::seconds(1));
    worker.has_looked(3).await;
    a_while().await;
    scene.time.advance(PERIOD);
    worker.has_looked(4).await;
    scene.workers.stop().await;
}

#[tokio::test]
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

#[tokio::test]
async fn a_worker_that_fails_is_tried_again_with_growing_waits() {
    let unlucky = Scripted::new(|_| Err(Refusal::Contended.into()));
    let scene = scene(&[&unlucky]);
    unlucky.has_looked(3).await;
    // 50, 100 and 200 ms: within this time there cannot have been many.
    a_while().await;
    assert!(unlucky.looks() <= 5, "{}", unlucky.looks());
    scene.workers.stop().await;
}

#[tokio::test]
async fn a_wake_that_is_past_is_no_busy_loop() {
    let hasty = Scripted::new(|_| Ok(Wake::At(NOON)));
    let scene = scene(&[&hasty]);
    a_while().await;
    assert!(hasty.looks() <= 5, "{}", hasty.looks());
    scene.workers.stop().await;
}

#[tokio::test]
async fn a_closed_ledger_wakes_nobody() {
    let worker = Scripted::new(|_| Ok(Wake::OnNews));
    let scene = scene(&[&worker]);
    worker.has_looked(1).await;
    drop(scene.head);
    a_while().await;
    assert_eq!(worker.looks(), 1);
    scene.workers.stop().await;
}

/// A worker that takes its time.
struct Slow(AtomicU32);

#[async_trait]
impl Reconciler for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn reconcile(&self) -> Result<Wake, ReconcileError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Wake::OnNews)
    }
}

#[tokio::test]
async fn a_look_that_has_begun_is_finished_before_the_end() {
    let slow = Arc::new(Slow(AtomicU32::new(0)));
    let time = Arc::new(ManualTime::at(NOON));
    let clock = Arc::new(LedgerClock::start(time, Timestamp::EPOCH).unwrap());
    let head = watch::Sender::new(Position(0));
    let workers = Workers::start(vec![slow.clone()], &clock, &head.subscribe());
    while slow.0.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    workers.stop().await;
    assert_eq!(slow.0.load(Ordering::SeqCst), 2);
}
