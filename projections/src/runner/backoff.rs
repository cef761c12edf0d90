//! Waiting before something is tried again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// How long to wait before something that failed is tried again: twice as long each time, between 50 ms and 5 s.
#[derive(Clone, Debug)]
pub struct Backoff(Duration);

impl Backoff {
    /// Before the first failure.
    pub const fn new() -> Self {
        Self(FIRST)
    }

    /// How long to wait after this failure.
    pub fn wait(&mut self) -> Duration {
        let wait = self.0;
        self.0 = LONGEST.min(wait.saturating_mul(2));
        wait
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_up_to_its_bound() {
        let mut backoff = Backoff::new();
        let waits: Vec<_> = (0..10).map(|_| backoff.wait().as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    }
}
