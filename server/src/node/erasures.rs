//! Erasures in one process: what lets go of opened data, and what a start finishes.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use commands::{Commands, erasures::Memory};
use projections::{feed::Feed, gate::Gate};

/// The facts that were decoded last.
pub(crate) struct DecodedFacts(pub(crate) Arc<Feed>);

#[async_trait]
impl Memory for DecodedFacts {
    async fn forget(&self, _subject: &str) {
        self.0.forget_decoded();
    }
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
