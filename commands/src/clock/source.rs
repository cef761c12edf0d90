//! Where time comes from: the machine, or a test's hand.

use async_trait::async_trait;
use domain::time::{Lifespan, Timestamp};
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::Notify;

/// A machine's two clocks, in microseconds.
#[async_trait]
pub trait TimeSource: Send + Sync + 'static {
    /// Time since the machine started, also while it slept. It never steps.
    fn uptime_micros(&self) -> i64;
    /// Time since 1970 by the wall clock, which may be set at any moment.
    fn wall_micros(&self) -> i64;
    /// Returns after so many microseconds of uptime.
    async fn pause(&self, micros: i64);
}

/// This machine's clocks: `CLOCK_BOOTTIME` and `CLOCK_REALTIME`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

#[async_trait]
impl TimeSource for SystemTime {
    fn uptime_micros(&self) -> i64 {
        micros(clock_gettime(ClockId::Boottime))
    }

    fn wall_micros(&self) -> i64 {
        micros(clock_gettime(ClockId::Realtime))
    }

    async fn pause(&self, micros: i64) {
        tokio::time::sleep(std::time::Duration::from_micros(micros.unsigned_abs())).await;
    }
}

fn micros(time: Timespec) -> i64 {
    time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}

/// Clocks that move only when they are told to.
#[derive(Debug)]
pub struct ManualTime {
    uptime: AtomicI64,
    wall: AtomicI64,
    moved: Notify,
}

impl ManualTime {
    /// Clocks of a machine that has just started at `wall`.
    pub fn at(wall: Timestamp) -> Self {
        Self { uptime: AtomicI64::new(0), wall: AtomicI64::new(wall.micros()), moved: Notify::new() }
    }

    /// Lets time pass, for both clocks.
    pub fn advance(&self, span: Lifespan) {
        self.uptime.fetch_add(span.micros(), Ordering::SeqCst);
        self.leap(span.micros());
    }

    /// Sets the wall clock forth, or back by a negative number of microseconds.
    pub fn leap(&self, micros: i64) {
        self.wall.fetch_add(micros, Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}

#[async_trait]
impl TimeSource for ManualTime {
    fn uptime_micros(&self) -> i64 {
        self.uptime.load(Ordering::SeqCst)
    }

    fn wall_micros(&self) -> i64 {
        self.wall.load(Ordering::SeqCst)
    }

    async fn pause(&self, micros: i64) {
        let until = self.uptime_micros().saturating_add(micros);
        loop {
            let moved = self.moved.notified();
            if until <= self.uptime_micros() {
                return;
            }
            moved.await;
        }
    }
}
