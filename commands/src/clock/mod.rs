//! The ledger clock: the one time by which facts are stamped, tokens expire and the gate answers.
//!
//! It starts at the wall clock, runs by the machine's uptime, slews to the wall and never steps back. A leap of the
//! wall by more than five minutes is followed only when it has stood for ten, with an alarm: one bad time source
//! can neither revive a token nor end them all.

mod source;
mod steering;

pub use source::{ManualTime, SystemTime, TimeSource};

use domain::time::{Lifespan, Timestamp};
use parking_lot::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use steering::{Reading, Steering};

/// How far ahead of the wall clock the ledger's log time may be when a process starts.
pub const TOLERATED: Lifespan = Lifespan::seconds(300);

/// How often the clock looks at the wall, in microseconds of uptime.
const LOOK_EVERY: i64 = 100_000;

/// The machine's clock says a time that the ledger has long passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this machine's clock says {wall}, but the ledger's last fact was recorded at {log_time}: \
     set the clock right, or wait until it is past that time, and start again"
)]
pub struct ClockBehind {
    /// What the machine says.
    pub wall: Timestamp,
    /// What the ledger says.
    pub log_time: Timestamp,
}

/// The ledger clock of one process.
pub struct LedgerClock {
    source: Arc<dyn TimeSource>,
    steering: Mutex<Steering>,
    /// What must be added to the uptime, in microseconds.
    offset: AtomicI64,
    /// The uptime at which the wall is looked at again.
    look_at: AtomicI64,
    /// The latest reading given: no later one is earlier.
    latest: AtomicI64,
}

impl LedgerClock {
    /// Starts the clock of a ledger whose greatest recorded time is `log_time`.
    pub fn start(source: Arc<dyn TimeSource>, log_time: Timestamp) -> Result<Self, ClockBehind> {
        let (uptime, wall) = (source.uptime_micros(), source.wall_micros());
        if Timestamp::from_micros(wall).plus(TOLERATED) < log_time {
            return Err(ClockBehind { wall: Timestamp::from_micros(wall), log_time });
        }
        let start = wall.max(log_time.micros());
        Ok(Self {
            source,
            steering: Mutex::new(Steering::new(uptime, start)),
            offset: AtomicI64::new(start - uptime),
            look_at: AtomicI64::new(uptime + LOOK_EVERY),
            latest: AtomicI64::new(start),
        })
    }

    /// Now. Two readings of two system clocks and no lock, but for one reader every 100 ms.
    pub fn now(&self) -> Timestamp {
        let uptime = self.source.uptime_micros();
        if self.look_at.load(Ordering::Relaxed) <= uptime {
            self.look(uptime);
        }
        let reading = uptime + self.offset.load(Ordering::Acquire);
        Timestamp::from_micros(self.latest.fetch_max(reading, Ordering::AcqRel).max(reading))
    }

    /// Returns when the clock may have reached `until`, or a second has passed: callers look again.
    pub async fn towards(&self, until: Timestamp) {
        let left = until.since(self.now()).micros().min(1_000_000);
        self.source.pause(left).await;
    }

    fn look(&self, uptime: i64) {
        let Some(mut steering) = self.steering.try_lock() else { return };
        let Reading { time, alarm } = steering.look(uptime, self.source.wall_micros());
        self.offset.store(time - uptime, Ordering::Release);
        self.look_at.store(uptime + LOOK_EVERY, Ordering::Relaxed);
        if let Some(alarm) = alarm {
            tracing::error!(reason = %alarm, "the wall clock has leapt: look after this machine's time source");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_800_000_000_000_000;
    const HOUR: i64 = 3_600_000_000;

    fn clock() -> (Arc<ManualTime>, LedgerClock) {
        let time = Arc::new(ManualTime::at(Timestamp::from_micros(NOON)));
        let clock = LedgerClock::start(time.clone(), Timestamp::EPOCH).unwrap();
        (time, clock)
    }

    /// Lets time pass in steps that a real process would see.
    fn pass(time: &ManualTime, clock: &LedgerClock, micros: i64) -> Timestamp {
        for _ in 0..micros / 1_000_000 {
            time.advance(Lifespan::seconds(1));
            clock.now();
        }
        clock.now()
    }

    #[test]
    fn it_runs_with_the_wall() {
        let (time, clock) = clock();
        assert_eq!(pass(&time, &clock, HOUR).micros(), NOON + HOUR);
    }

    #[test]
    fn a_step_of_forty_days_is_not_followed_for_ten_minutes() {
        let (time, clock) = clock();
        time.leap(40 * 24 * HOUR);
        let before = pass(&time, &clock, 9 * 60_000_000);
        assert_eq!(before.micros(), NOON + 9 * 60_000_000);
        let after = pass(&time, &clock, 2 * 60_000_000);
        assert_eq!(after.micros(), NOON + 40 * 24 * HOUR + 11 * 60_000_000);
    }

    #[test]
    fn a_step_forth_and_back_leaves_no_trace() {
        let (time, clock) = clock();
        time.leap(HOUR);
        pass(&time, &clock, 5 * 60_000_000);
        time.leap(-HOUR);
        assert_eq!(pass(&time, &clock, 20 * 60_000_000).micros(), NOON + 25 * 60_000_000);
    }

    #[test]
    fn after_a_step_back_it_goes_slower_but_never_backwards() {
        let (time, clock) = clock();
        time.leap(-HOUR);
        let mut last = clock.now();
        for _ in 0..3 * 3_600 {
            time.advance(Lifespan::seconds(1));
            let now = clock.now();
            assert!(last <= now);
            last = now;
        }
        let wall = NOON + 2 * HOUR;
        let left = last.micros() - wall;
        assert!((0..300_000_000).contains(&left), "half speed until five minutes are left: {left}");
    }

    #[test]
    fn a_second_step_shortly_before_the_first_is_believed_has_ten_minutes_of_its_own() {
        let (time, clock) = clock();
        time.leap(6 * 60_000_000);
        pass(&time, &clock, 599 * 1_000_000);
        time.leap(40 * 24 * HOUR);
        let later = pass(&time, &clock, 599 * 1_000_000);
        assert_eq!(later.micros(), NOON + 1_198 * 1_000_000);
        time.leap(-40 * 24 * HOUR - 6 * 60_000_000);
        assert_eq!(pass(&time, &clock, 60_000_000).micros(), NOON + 1_258 * 1_000_000);
    }

    #[test]
    fn a_small_difference_is_slewed_away() {
        let (time, clock) = clock();
        time.leap(-60_000_000);
        let soon = pass(&time, &clock, 60_000_000).micros();
        assert!(NOON + 59_000_000 < soon && soon < NOON + 60_000_000);
        let wall = NOON - 60_000_000 + 4 * HOUR + 60_000_000;
        assert!((pass(&time, &clock, 4 * HOUR).micros() - wall).abs() < 1_000);
    }

    #[test]
    fn a_ledger_far_ahead_of_the_machine_stops_the_start() {
        let time = Arc::new(ManualTime::at(Timestamp::from_micros(NOON)));
        let behind = LedgerClock::start(time.clone(), Timestamp::from_micros(NOON + HOUR));
        assert!(behind.is_err_and(|it| it.log_time.micros() == NOON + HOUR));
        let near = LedgerClock::start(time, Timestamp::from_micros(NOON + 60_000_000)).unwrap();
        assert_eq!(near.now().micros(), NOON + 60_000_000, "what was recorded is not undone");
    }
}
