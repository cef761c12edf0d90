//! Finishes erasures that were cut off between their fact and the deletion of the key.
//!
//! The command does it itself, at once. This is for what comes between: a client that leaves, a state that does not
//! answer for a while. A crash is finished by the next start before anything else is read.

use std::sync::Arc;

use async_trait::async_trait;
use commands::{Commands, refusal::Refusal};
use domain::subject::Subject;
use parking_lot::Mutex;
use projections::gate::Gate;

use crate::{ReconcileError, Reconciler, Wake};

const NAME: &str = "erasure";

/// The worker.
pub struct Erasure {
    commands: Arc<Commands>,
    gate: Arc<Gate>,
    seen: Mutex<Seen>,
}

/// How far the gate's list of erased subjects was seen, and which of these are still to be finished.
struct Seen {
    count: usize,
    unfinished: Vec<Subject>,
}

impl Erasure {
    /// The worker of a process whose start has finished all erasures that were cut off before.
    pub fn new(commands: Arc<Commands>, gate: Arc<Gate>) -> Self {
        let count = gate.erased_subjects(0).len();
        Self { commands, gate, seen: Mutex::new(Seen { count, unfinished: Vec::new() }) }
    }

    fn unfinished(&self) -> Vec<Subject> {
        let mut seen = self.seen.lock();
        let news = self.gate.erased_subjects(seen.count);
        seen.count += news.len();
        seen.unfinished.extend(news);
        seen.unfinished.clone()
    }

    /// Also where the key is gone already: its traces may still be in the state's files.
    async fn finish(&self, subject: Subject) -> Result<(), Refusal> {
        let is_open = !self.commands.unfinished_erasures(vec![subject]).await?.is_empty();
        self.commands.finish_erasure(subject).await?;
        self.seen.lock().unfinished.retain(|it| *it != subject);
        if is_open {
            tracing::info!(%subject, "an erasure that was cut off is finished");
        }
        Ok(())
    }
}

#[async_trait]
impl Reconciler for Erasure {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn reconcile(&self) -> Result<Wake, ReconcileError> {
        let mut failure = None;
        for subject in self.unfinished() {
            if let Err(err) = self.finish(subject).await {
                failure.get_or_insert(err);
            }
        }
        failure.map_or(Ok(Wake::OnNews), |it| Err(it.into()))
    }
}

#[cfg(test)]
mod tests;
