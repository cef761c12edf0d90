//! Once a second: is the ledger's writer alive, does the gate follow, and what is the last record seen?

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use eventlog::{Append, AppendError, EventLog, NewRecord, Position, StreamName, Version};
use parking_lot::Mutex;
use projections::gate::Gate;
use store::State;

use super::mark;

const EVERY: Duration = Duration::from_secs(1);

/// How long the writer may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

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
        let found = [self.gate_behind(), self.writer_silent().await];
        *self.health.found.lock() = found.into_iter().flatten().collect();
        self.note().await;
    }

    fn gate_behind(&mut self) -> Option<String> {
        let (position, expected) = (self.gate.position(), self.head);
        self.head = *self.log.head().borrow();
        let behind = || format!("the gate is at position {position}, behind the ledger's {expected}");
        (position < expected).then(behind)
    }

    /// An append that can never pass goes all the way through the writer and stores nothing.
    async fn writer_silent(&self) -> Option<String> {
        let record = NewRecord { event_id: [0; 16], bytes: bytes::Bytes::from_static(b"-") };
        let expected = Version(i64::MAX.unsigned_abs() - 1);
        let append = Append { stream: StreamName::new("pulse"), expected, records: vec![record] };
        match tokio::time::timeout(PATIENCE, self.log.append(append)).await {
            Ok(Ok(_) | Err(AppendError::Conflict { .. })) => None,
            Ok(Err(err)) => Some(err.to_string()),
            Err(_) => Some("the ledger's writer does not answer".to_owned()),
        }
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
