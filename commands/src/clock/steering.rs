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
    leap: Option<Leap>,
}

/// A disagreement that is being watched.
#[derive(Clone, Copy, Debug)]
struct Leap {
    since: i64,
    away: i64,
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
        Self { uptime, time, leap: None }
    }

    pub(super) fn look(&mut self, uptime: i64, wall: i64) -> Reading {
        let elapsed = (uptime - self.uptime).max(0);
        let run = self.time + elapsed;
        let away = wall - run;
        let (time, alarm) = if away.abs() <= LEAP {
            self.leap = None;
            (run + away.clamp(-elapsed / SLEW, elapsed / SLEW), None)
        } else {
            self.follow(uptime, elapsed, run, away)
        };
        self.uptime = uptime;
        self.time = time;
        Reading { time, alarm }
    }

    /// A leap is believed once it has stood for ten minutes; another leap within them begins them anew.
    fn follow(&mut self, uptime: i64, elapsed: i64, run: i64, away: i64) -> (i64, Option<Alarm>) {
        let watched = self.leap.filter(|it| (away - it.away).abs() <= LEAP);
        let Some(leap) = watched else {
            self.leap = Some(Leap { since: uptime, away });
            return (run, Some(Alarm::Leapt(away)));
        };
        let stood = uptime - leap.since;
        if stood < BELIEVED_AFTER {
            return (run, None);
        }
        let just_believed = stood - elapsed < BELIEVED_AFTER;
        let alarm = just_believed.then_some(Alarm::Followed(away));
        if 0 < away {
            return (run + away, alarm);
        }
        // Going at half speed, it comes nearer; that is no other leap.
        self.leap = Some(Leap { since: leap.since, away: away + elapsed / HALF });
        (run - elapsed / HALF, alarm)
    }
}
