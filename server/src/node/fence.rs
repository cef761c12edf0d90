//! The fence of one process: bringing its own gate to a position is one update in memory.

use std::sync::Arc;

use async_trait::async_trait;
use commands::fence::{Fence, FenceError};
use domain::{actor::Holder, ids::OrganizationId, time::Timestamp};
use eventlog::Position;
use projections::{gate::GateFollower, runner::chain};

/// This process's gate as all gates that answer.
pub(crate) struct GateFence(pub(crate) Arc<GateFollower>);

#[async_trait]
impl Fence for GateFence {
    async fn reach(&self, position: Position) -> Result<(), FenceError> {
        self.0.reach(position).await.map_err(|err| FenceError { position, why: chain(&err) })
    }

    fn live_tokens(&self, organization: OrganizationId) -> u64 {
        self.0.gate().count_tokens(organization)
    }

    fn live_tokens_of(&self, holder: Holder, at: Timestamp) -> u64 {
        self.0.gate().count_tokens_of(holder, at)
    }
}
