//! What commands need of the gate: that it knows, before anybody is told that something is done.

use async_trait::async_trait;
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
}
