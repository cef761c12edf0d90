//! What the writer is doing, for whoever asks how it is. Nobody holds this while the disk works.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// A group that takes longer than this shows as a writer that does not get on.
const LONG: Duration = Duration::from_secs(2);

/// How the writer is.
#[derive(Default)]
pub(crate) struct Status {
    now: Mutex<Now>,
}

#[derive(Default)]
enum Now {
    #[default]
    Waiting,
    Writing(Instant),
    /// For good, and why.
    Stopped(String),
}

impl Status {
    /// A group is begun.
    pub(crate) fn begin(&self) {
        self.change(Now::Writing(Instant::now()));
    }

    /// The group is done, stored or refused.
    pub(crate) fn done(&self) {
        self.change(Now::Waiting);
    }

    /// Nothing is written any more until the next start.
    pub(crate) fn stop(&self, why: String) {
        self.change(Now::Stopped(why));
    }

    /// Why nothing is written any more.
    pub(crate) fn stopped(&self) -> Option<String> {
        match &*self.now.lock() {
            Now::Stopped(why) => Some(why.clone()),
            Now::Waiting | Now::Writing(_) => None,
        }
    }

    /// Whether the writer gets on.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &*self.now.lock() {
            Now::Stopped(why) => Err(why.clone()),
            Now::Writing(since) if LONG < since.elapsed() => {
                Err(format!("a commit has been under way for {} s", since.elapsed().as_secs()))
            }
            Now::Waiting | Now::Writing(_) => Ok(()),
        }
    }

    fn change(&self, to: Now) {
        let mut now = self.now.lock();
        if !matches!(*now, Now::Stopped(_)) {
            *now = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_does_not_end_shows() {
        let status = Status::default();
        assert_eq!(status.check(), Ok(()));
        status.begin();
        assert_eq!(status.check(), Ok(()));
        let Some(since) = Instant::now().checked_sub(Duration::from_secs(7)) else { return };
        status.change(Now::Writing(since));
        assert_eq!(status.check(), Err("a commit has been under way for 7 s".to_owned()));
        status.done();
        assert_eq!(status.check(), Ok(()));
    }

    #[test]
    fn what_is_stopped_stays_stopped() {
        let status = Status::default();
        status.stop("the disk is gone".to_owned());
        status.begin();
        status.done();
        status.stop("something else".to_owned());
        assert_eq!(status.check(), Err("the disk is gone".to_owned()));
        assert_eq!(status.stopped(), Some("the disk is gone".to_owned()));
    }
}
