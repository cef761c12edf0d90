//! How the ledger clock follows the wall: arithmetic alone, in microseconds.

/// A difference beyond this is a leap: 5 minutes.
const LEAP: i64 = 300_000_000;
/// A leap is believed when it has stood for this long: 10 minutes.
const BELIEVED_AFTER: i64 = 600_000_000;
/// Small differences are made up for at 1 part in 200.
const SLEW: i64 = 200;
/// A leap back that is believed is made up for at half speed: the clock never steps back.
const HALF: i64 = 2;

/// Where the clock stands, and since when the wall disagrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steering {
    uptime: i64,
    time: i64,
    leapt_at: Option<i64>,
}

/// What a look at the wall gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Reading {
    pub(super) time: i64,
    pub(super) alarm: Option<Alarm>,
}

/// What somebody must know about the wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Alarm {
    #[error("it is {0} µs away; not followed unless it stays so for 10 minutes")]
    Leapt(i64),
    #[error("it has stayed {0} µs away for 10 minutes and is followed now")]
    Followed(i64),
}

impl Steering {
    pub(super) const fn new(uptime: i64, time: i64) -> Self {
        Self { uptime, time, leapt_at: None }
    }

    pub(super) fn look(&mut self, uptime: i64, wall: i64) -> Reading {
        let elapsed = (uptime - self.uptime).max(0);
        let run = self.time + elapsed;
        let away = wall - run;
        let (time, alarm) = if away.abs() <= LEAP {
            self.leapt_at = None;
            (run + away.clamp(-elapsed / SLEW, elapsed / SLEW), None)
        } else {
            self.leap(uptime, elapsed, run, away)
        };
        self.uptime = uptime;
        self.time = time;
        Reading { time, alarm }
    }

    fn leap(&mut self, uptime: i64, elapsed: i64, run: i64, away: i64) -> (i64, Option<Alarm>) {
        let since = *self.leapt_at.get_or_insert(uptime);
        let first_look = since == uptime;
        if uptime - since < BELIEVED_AFTER {
            return (run, first_look.then_some(Alarm::Leapt(away)));
        }
        if 0 < away {
            return (run + away, Some(Alarm::Followed(away)));
        }
        let just_believed = uptime - since - elapsed < BELIEVED_AFTER;
        (run - elapsed / HALF, just_believed.then_some(Alarm::Followed(away)))
    }
}
