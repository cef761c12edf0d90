//! Erasures in one process: what lets go of opened data, and what a start finishes.

use std::sync::{Arc, OnceLock};

use anyhow::Context;
use async_trait::async_trait;
use commands::{Commands, erasures::Memory, recorder::Recorder};
use projections::{feed::Feed, gate::Gate, usage_feed::UsageFeed};

/// The facts that were decoded last.
pub(crate) struct DecodedFacts(pub(crate) Arc<Feed>);

#[async_trait]
impl Memory for DecodedFacts {
    async fn forget(&self, _subject: &str) {
        self.0.forget_decoded();
    }
}

/// The segment of decisions that is being written, once there is one.
#[derive(Default)]
pub(crate) struct OpenSegment(OnceLock<Arc<Recorder>>);

impl OpenSegment {
    /// From now on this one writes.
    pub(crate) fn of(&self, recorder: &Arc<Recorder>) {
        // There is one recorder in a process.
        let _ = self.0.set(Arc::clone(recorder));
    }
}

#[async_trait]
impl Memory for OpenSegment {
    async fn forget(&self, _subject: &str) {
        let Some(recorder) = self.0.get() else { return };
        if let Err(err) = recorder.end_segment().await {
            // Nothing is sealed for them any more, whatever segment it lies in: their key is withheld.
            tracing::warn!(error = %err, "the segment of decisions did not end with an erasure");
        }
    }
}

/// The calls that were opened last, and the views of calls.
pub(crate) struct OpenedCalls(pub(crate) Arc<UsageFeed>);

#[async_trait]
impl Memory for OpenedCalls {
    async fn forget(&self, subject: &str) {
        self.0.forget(subject);
    }
}

/// Tells the views of calls who was erased before this start: the usage log does not.
pub(crate) fn tell_erased(calls: &UsageFeed, gate: &Gate) {
    calls.forgot(gate.erased_subjects(0).iter().map(ToString::to_string));
}

/// Carries out the erasures whose fact is in the ledger and whose key is still in the state: those that a crash cut
/// off, and those that a state from a backup does not know of. Nobody reads a fact before that, but the gate.
pub(crate) async fn finish_erasures(commands: &Commands, gate: &Gate) -> anyhow::Result<()> {
    let unfinished = commands.unfinished_erasures(gate.erased_subjects(0)).await;
    for subject in unfinished.context("failed to look for erasures that were cut off")? {
        commands
            .finish_erasure(subject)
            .await
            .with_context(|| format!("failed to finish erasing `{subject}`"))?;
        tracing::info!(%subject, "an erasure that was cut off is finished");
    }
    Ok(())
}
