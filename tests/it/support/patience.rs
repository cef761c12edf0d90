//! Waiting for a condition, but not for ever.

use std::thread;
use std::time::Instant;

use super::server::PATIENCE;

/// How long a test waits for something that must come.
pub(crate) struct Patience(Instant);

impl Default for Patience {
    fn default() -> Self {
        Self(Instant::now() + PATIENCE)
    }
}

impl Patience {
    /// Lets others run, or fails where it has taken too long.
    pub(crate) fn goes_on(&self, otherwise: &str) {
        assert!(Instant::now() < self.0, "{otherwise}");
        thread::yield_now();
    }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let patience = Patience::default();
    while !is_so() {
        patience.goes_on(what);
        tokio::task::yield_now().await;
    }
}
