//! Runs workers: each in a task of its own, woken by news, by the clock and by a period.

mod trouble;
mod worker;

use std::{sync::Arc, time::Duration};

use commands::clock::LedgerClock;
use domain::time::Lifespan;
use eventlog::Position;
use tokio::{sync::watch, task::JoinSet};

use crate::Reconciler;
use worker::Worker;

/// How often every worker looks, whatever wakes it besides.
pub const PERIOD: Lifespan = Lifespan::seconds(60);

/// How long a worker may take to come to an end once it is told to stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// The running workers. Dropping the value cuts them off; what they were doing is done at the next start.
pub struct Workers {
    stop: watch::Sender<bool>,
    running: JoinSet<()>,
}

impl Workers {
    /// Starts a task for each of the reconcilers. `head` is the ledger's: its news wake them all.
    ///
    /// None of them can end the process or another one: what fails is tried again, later each time up to 5 s, and
    /// what panics is logged and starts again.
    pub fn start(
        reconcilers: Vec<Arc<dyn Reconciler>>,
        clock: &Arc<LedgerClock>,
        head: &watch::Receiver<Position>,
    ) -> Self {
        let stop = watch::Sender::new(false);
        let mut running = JoinSet::new();
        for reconciler in reconcilers {
            let worker = Worker::new(reconciler, Arc::clone(clock), head.clone());
            running.spawn(worker.run_until(stopped(stop.subscribe())));
        }
        Self { stop, running }
    }

    /// Tells all to stop and waits until they have finished what they were doing, at most 5 s.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let finished = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, finished).await.is_err() {
            tracing::warn!(workers = self.running.len(), "workers are cut off: they took too long to stop");
            self.running.shutdown().await;
        }
    }
}

/// Ready when the workers are told to stop, or nobody is left to tell them.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // A sender that is gone says the same as one that says so.
    let _ = stop.wait_for(|it| *it).await;
}

#[cfg(test)]
mod tests;
