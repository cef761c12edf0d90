//! Whether the node can do its work.

use std::sync::Arc;

use projections::{gate::Gate, runner::Handle};

use projections::runner::chain;

use super::{pulse::Health, views};

/// What `/readyz` asks.
pub(crate) struct NodeReadiness {
    pub(crate) gate: Arc<Gate>,
    pub(crate) views: Vec<Handle>,
    pub(crate) health: Arc<Health>,
}

impl api::app::Readiness for NodeReadiness {
    fn missing(&self) -> Vec<String> {
        let unsound = self.gate.sound().err().map(|it| chain(&it));
        let views = self.views.iter().filter_map(views::missing);
        unsound.into_iter().chain(self.health.missing()).chain(views).collect()
    }
}
