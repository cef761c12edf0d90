use super::{Erasure, Event, State};
use crate::time::Timestamp;

pub(super) fn evolve(state: State, event: Event, at: Timestamp) -> State {
    match (state, event) {
        (State::Known, Event::Erased { reason }) => State::Erased(Erasure { reason, erased_at: at }),
        // Nothing is left that a second one could take.
        (State::Erased(erasure), Event::Erased { .. }) => State::Erased(erasure),
    }
}
