//! What was told of jobs, so that each answer says the same.

use std::collections::HashMap;

use domain::{ids::JobId, time::Timestamp};
use parking_lot::Mutex;

/// What an answer says of a job and could not find out again later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Facts {
    /// When it was asked for.
    pub(super) started_at: Timestamp,
    /// When it ended, if it has.
    pub(super) finished_at: Option<Timestamp>,
    /// How much there was to do, the last time that it was looked at before its end.
    pub(super) total: u64,
}

/// What was told of the last job of each view. Moments are known by the machine's own clock, and the time of day that
/// they are said to have been would be another one at each request.
#[derive(Default)]
pub(crate) struct Told(Mutex<HashMap<&'static str, (JobId, Facts)>>);

impl Told {
    /// What is to be told of a view's job, which seems to be `now`.
    pub(super) fn of(&self, view: &'static str, job: JobId, now: Facts) -> Facts {
        let mut told = self.0.lock();
        let (known, facts) = told.entry(view).or_insert((job, now));
        if *known != job {
            (*known, *facts) = (job, now);
        } else if facts.finished_at.is_none() {
            let total = if now.finished_at.is_none() { now.total } else { facts.total };
            *facts = Facts { started_at: facts.started_at, finished_at: now.finished_at, total };
        }
        *facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: &str = "token_list";
    const JOB: JobId = JobId::from_bits(1);

    fn facts(started_at: i64, finished_at: Option<i64>, total: u64) -> Facts {
        let at = Timestamp::from_micros;
        Facts { started_at: at(started_at), finished_at: finished_at.map(at), total }
    }

    #[test]
    fn a_job_started_and_ended_when_it_was_first_said_to_have() {
        let told = Told::default();
        assert_eq!(told.of(VIEW, JOB, facts(10, None, 100)), facts(10, None, 100));
        assert_eq!(told.of(VIEW, JOB, facts(11, None, 120)), facts(10, None, 120));
        assert_eq!(told.of(VIEW, JOB, facts(9, Some(70), 130)), facts(10, Some(70), 120));
        assert_eq!(told.of(VIEW, JOB, facts(12, Some(71), 140)), facts(10, Some(70), 120));
    }

    #[test]
    fn the_next_job_of_a_view_is_another() {
        let told = Told::default();
        told.of(VIEW, JOB, facts(10, Some(70), 100));
        assert_eq!(told.of(VIEW, JobId::from_bits(2), facts(80, None, 140)), facts(80, None, 140));
        assert_eq!(told.of("audit", JOB, facts(11, None, 150)), facts(11, None, 150));
    }
}
