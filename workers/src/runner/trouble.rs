//! What is said and waited when a worker fails.

use std::{error::Error, time::Duration};

use projections::runner::{Backoff, chain};

/// A worker's trouble, from its first failure to its end: one line for each reason, and a longer wait each time.
pub(super) struct Trouble {
    worker: &'static str,
    said: Option<String>,
    backoff: Backoff,
}

impl Trouble {
    /// None yet.
    pub(super) fn none(worker: &'static str) -> Self {
        Self { worker, said: None, backoff: Backoff::new() }
    }

    /// The worker failed; says how long to wait before it is run again, between 50 ms and 5 s.
    pub(super) fn failed(&mut self, err: &dyn Error) -> Duration {
        let reason = chain(err);
        if self.said.as_ref() != Some(&reason) {
            tracing::warn!(worker = self.worker, reason, "a worker fails and tries again");
            self.said = Some(reason);
        }
        self.backoff.wait()
    }

    /// The worker panicked with these words.
    pub(super) fn panicked(&mut self, words: &str) -> Duration {
        tracing::error!(worker = self.worker, panic = words, "a worker panicked and starts again");
        self.said = Some(words.to_owned());
        self.backoff.wait()
    }

    /// The worker did what was to be done.
    pub(super) fn over(&mut self) {
        if self.said.take().is_some() {
            tracing::info!(worker = self.worker, "the worker does its work again");
        }
        self.backoff = Backoff::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_its_bound_and_begins_again_when_the_trouble_is_over() {
        let mut trouble = Trouble::none("test");
        let failure = std::io::Error::other("no");
        let waits: Vec<_> = (0..9).map(|_| trouble.failed(&failure).as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        trouble.over();
        assert_eq!(trouble.panicked("boom").as_millis(), 50);
    }
}
