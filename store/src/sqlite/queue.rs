//! The line of jobs before the threads of one database.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Jobs that may wait at once; the next is refused, so that a stalled disk fills no memory.
const CAPACITY: usize = 4096;

/// What a thread does next.
pub(super) enum Next<J> {
    /// Run this.
    Job(J),
    /// Something the thread holds may be out of date; look at it, idle or not.
    Refresh(u64),
    /// Nothing more will come.
    End,
}

/// Why a job was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Full,
    Closed,
}

struct Line<J> {
    jobs: VecDeque<J>,
    epoch: u64,
    closed: bool,
}

/// A bounded line that any number of threads serve. What was taken in is served, also after
/// the line is closed.
pub(super) struct Queue<J> {
    line: Mutex<Line<J>>,
    changed: Condvar,
}

impl<J> Queue<J> {
    pub(super) fn new() -> Self {
        Self {
            line: Mutex::new(Line { jobs: VecDeque::new(), epoch: 0, closed: false }),
            changed: Condvar::new(),
        }
    }

    pub(super) fn push(&self, job: J) -> Result<(), Refusal> {
        let mut line = self.line();
        if line.closed {
            return Err(Refusal::Closed);
        }
        if line.jobs.len() >= CAPACITY {
            return Err(Refusal::Full);
        }
        line.jobs.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for what a thread that last refreshed at `epoch` has to do.
    pub(super) fn next(&self, epoch: u64) -> Next<J> {
        let mut line = self.line();
        loop {
            if line.epoch != epoch {
                return Next::Refresh(line.epoch);
            }
            if let Some(job) = line.jobs.pop_front() {
                return Next::Job(job);
            }
            if line.closed {
                return Next::End;
            }
            line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Every thread refreshes before its next job, and idle ones at once.
    pub(super) fn refresh_all(&self) {
        self.line().epoch += 1;
        self.changed.notify_all();
    }

    pub(super) fn close(&self) {
        self.line().closed = true;
        self.changed.notify_all();
    }

    fn line(&self) -> MutexGuard<'_, Line<J>> {
        // A line is whole between any two statements, so a thread that died left it usable.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_in_is_served_after_closing() {
        let queue = Queue::new();
        queue.push(1).unwrap();
        queue.close();
        assert_eq!(queue.push(2), Err(Refusal::Closed));
        assert!(matches!(queue.next(0), Next::Job(1)));
        assert!(matches!(queue.next(0), Next::End));
    }

    #[test]
    fn a_refresh_comes_before_the_next_job_and_once() {
        let queue = Queue::new();
        queue.push(1).unwrap();
        queue.refresh_all();
        let Next::Refresh(epoch) = queue.next(0) else {
            panic!("the thread must refresh first");
        };
        assert!(matches!(queue.next(epoch), Next::Job(1)));
    }

    #[test]
    fn a_full_line_refuses() {
        let queue = Queue::new();
        for job in 0..CAPACITY {
            queue.push(job).unwrap();
        }
        assert_eq!(queue.push(0), Err(Refusal::Full));
    }
}
