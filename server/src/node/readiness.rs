//! Whether the node can do its work.

use std::sync::Arc;

use projections::{gate::Gate, runner::Handle};

use projections::runner::chain;

use commands::{clock::LedgerClock, recorder::Recorder};

use super::{pulse::Health, views};

/// What `/readyz` asks.
pub(crate) struct NodeReadiness {
    pub(crate) gate: Arc<Gate>,
    pub(crate) views: Vec<Handle>,
    pub(crate) health: Arc<Health>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) clock: Arc<LedgerClock>,
}

impl api::app::Readiness for NodeReadiness {
    fn missing(&self) -> Vec<String> {
        let unsound = self.gate.sound().err().map(|it| chain(&it));
        let views = self.views.iter().filter_map(views::missing);
        let recorder = self.recorder.missing(self.clock.now());
        unsound.into_iter().chain(recorder).chain(self.health.missing()).chain(views).collect()
    }

    fn degraded(&self) -> Vec<String> {
        let views = self.views.iter().filter_map(views::lacking);
        self.recorder.degraded().into_iter().chain(views).collect()
    }
}
