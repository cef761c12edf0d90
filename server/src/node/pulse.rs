//! Once a second: is the ledger's writer alive, does the gate follow, and what is the last record seen?

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use eventlog::{EventLog, Position};
use parking_lot::Mutex;
use projections::gate::Gate;
use store::State;

use super::mark;

const EVERY: Duration = Duration::from_secs(1);

/// What was found at the last beat.
#[derive(Default)]
pub(crate) struct Health {
    found: Mutex<Vec<String>>,
}

impl Health {
    /// What is not well, in words.
    pub(crate) fn missing(&self) -> Vec<String> {
        self.found.lock().clone()
    }
}

/// Looks, and notes what it finds.
pub(crate) struct Pulse {
    log: Arc<dyn EventLog>,
    state: Arc<State>,
    gate: Arc<Gate>,
    health: Arc<Health>,
    /// The head at the beat before: by now the gate must have passed it.
    head: Position,
    noted: Position,
    is_noting: bool,
}

impl Pulse {
    pub(crate) fn new(
        log: Arc<dyn EventLog>,
        state: Arc<State>,
        gate: Arc<Gate>,
        health: Arc<Health>,
    ) -> Self {
        Self { log, state, gate, health, head: Position(0), noted: Position(0), is_noting: true }
    }

    /// Beats until it is told to stop.
    pub(crate) async fn beat_until(mut self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return,
                _ = ticks.tick() => self.beat().await,
            }
        }
    }

    async fn beat(&mut self) {
        let found = [self.gate_behind(), self.log.is_writable().err()];
        *self.health.found.lock() = found.into_iter().flatten().collect();
        self.note().await;
    }

    fn gate_behind(&mut self) -> Option<String> {
        let (position, expected) = (self.gate.position(), self.head);
        self.head = *self.log.head().borrow();
        let behind = || format!("the gate is at position {position}, behind the ledger's {expected}");
        (position < expected).then(behind)
    }

    async fn note(&mut self) {
        match mark::note_last(self.log.as_ref(), &self.state, self.noted).await {
            Ok(noted) => {
                self.noted = noted;
                self.is_noting = true;
            }
            // Said once: a mark that lags only makes a loss harder to notice.
            Err(err) if self.is_noting => {
                self.is_noting = false;
                tracing::warn!(error = format!("{err:#}"), "the last record seen could not be noted");
            }
            Err(_) => {}
        }
    }
}
