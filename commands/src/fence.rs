//! What commands need of the gate: that it knows, before anybody is told that something is done.

use async_trait::async_trait;
use domain::{actor::Holder, ids::OrganizationId, time::Timestamp};
use eventlog::Position;

/// The gate could not be brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the gate has not reached position {}: {why}", position.0)]
pub struct FenceError {
    /// The position that it shall reach.
    pub position: Position,
    /// What is in the way.
    pub why: String,
}

/// Brings every gate that answers verifications to a position.
#[async_trait]
pub trait Fence: Send + Sync + 'static {
    /// Returns when no gate answers from before `position` any more.
    async fn reach(&self, position: Position) -> Result<(), FenceError>;

    /// The tokens of an organisation that no fact has ended, at the gate's head. Commands in flight may overshoot a
    /// plan's number by their own, safely.
    fn live_tokens(&self, organization: OrganizationId) -> u64;

    /// The tokens with which a holder can act at an instant, or later, at the gate's head. It may take as long as a
    /// look at every token.
    fn live_tokens_of(&self, holder: Holder, at: Timestamp) -> u64;
}
