use super::{Event, Platform};
use crate::time::Timestamp;
use std::sync::Arc;

pub(super) fn evolve(mut state: Platform, event: &Event, at: Timestamp) -> Platform {
    match event {
        Event::PermissionRegistered(permission) => {
            Arc::make_mut(&mut state.catalogue).register(permission.clone());
        }
        Event::OperatorReset => state.operators_reset_at = Some(at),
    }
    state
}
