//! A running node: everything wired, in one process and one data folder.
//!
//! The order of a start: lock, keys, ledger, state, usage log, the gate, clock, the operators' file, address, views,
//! workers, recorder, the operators' token, and then everybody is answered. The gate knows what it must from its
//! snapshot and the facts behind it, and every page and record of the ledger is looked at afterwards; or, wherever
//! there is doubt about the snapshot, from all facts, and every page and record is checked first. Whatever does not
//! fit stops the start. A stop goes the other way.

mod background;
mod beginning;
mod brake;
pub(crate) mod core;
mod erasures;
mod fence;
mod files;
mod fold;
mod following;
mod inspection;
pub(crate) mod keys;
mod listener;
mod mark;
mod pulse;
mod readiness;
pub(crate) mod recording;
mod remedy;
mod request_ids;
pub(crate) mod shelf;
mod snapshots;
mod start;
mod views;

use std::{net::SocketAddr, path::Path, sync::Arc};

use commands::{Commands, clock::TimeSource};
use projections::gate::Gate;
use workers::Workers;

use self::core::Core;
use crate::{
    config::Config,
    operator::{Kept, OperatorToken, kept_in},
};
use background::Background;
use listener::Listener;
use recording::Recording;
pub(crate) use start::Prepared;
use views::RunningViews;

/// A node that answers. Dropping it without [`stop`](Self::stop) is like killing it: nothing acknowledged is lost.
pub struct Node {
    listener: Listener,
    recording: Recording,
    operator: Option<OperatorToken>,
    workers: Workers,
    views: RunningViews,
    background: Background,
    core: Core,
}

impl Node {
    /// Starts a node and answers from then on.
    ///
    /// # Errors
    /// With the remedy: when the folder is served by another process, when keys or the state are missing, when the
    /// ledger is damaged or has lost facts, when the clock is far behind it, or when the address is taken.
    pub async fn start(config: &Config, time: Arc<dyn TimeSource>) -> anyhow::Result<Self> {
        Prepared::of(config, time).await?.answer().await
    }

    /// The address that it listens on, with the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The operators' token, where this start gave them one; once.
    pub fn take_operator_token(&mut self) -> Option<OperatorToken> {
        self.operator.take()
    }

    /// What the operators' file at this path is worth now.
    pub fn operator_token_in(&self, path: &Path) -> Kept {
        kept_in(path, &self.core.brand, &self.core.gate, self.core.clock.now())
    }

    /// The gate that answers verifications.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.core.gate
    }

    /// The write side.
    pub fn commands(&self) -> &Arc<Commands> {
        &self.core.commands
    }

    /// Accepts no more, answers what runs (at most 10 s), makes all decisions durable, ends workers and projections, and
    /// closes the files.
    pub async fn stop(self) {
        self.listener.stop().await;
        let start = self.recording.node_start();
        let is_whole = self.recording.stop().await;
        self.workers.stop().await;
        self.views.stop().await;
        self.background.stop().await;
        if is_whole && let Err(err) = self.core.commands.end_node_start(start).await {
            tracing::warn!(error = %err, "the end of this start is not noted: the next one records a gap that is none");
        }
        self.core.close().await;
        tracing::info!("stopped");
    }
}

#[cfg(test)]
mod snapshot_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
