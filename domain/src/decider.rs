//! How a stream decides: facts fold to a state, a state and a wish give facts or a refusal.

use crate::time::Timestamp;

/// The rules of one kind of stream.
///
/// `decide` is synchronous and sees no clock and no dice: time, ids and secrets come inside the command. What is
/// already so yields no event, so that saying it twice adds nothing.
pub trait Decider {
    /// What the stream's facts amount to; the default is "no fact yet".
    type State: Default + Clone + Send + Sync + 'static;
    /// What somebody wants.
    type Command;
    /// What happened.
    type Event: Clone + Send + Sync + 'static;
    /// Why not.
    type Rejection: std::error::Error + Send + Sync + 'static;

    /// The facts that follow from a wish, or the rule that stands against it.
    fn decide(state: &Self::State, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after a fact recorded at `at`. Total: a fact cannot be refused.
    fn evolve(state: Self::State, event: &Self::Event, at: Timestamp) -> Self::State;
}
