//! The platform: its catalogue of permissions, and its operators.

mod decide;
mod evolve;

use crate::{catalogue::Catalogue, decider::Decider, permission::Permission, time::Timestamp};
use std::sync::Arc;

/// What happened to the platform.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A permission entered the catalogue or changed there.
    PermissionRegistered(Permission),
    /// All operator tokens issued before this are void.
    OperatorReset,
}

/// What somebody wants of the platform.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Have this permission in the catalogue.
    RegisterPermission(Permission),
    /// Void all operator tokens.
    ResetOperator,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Counterfoil's own permissions are what they are.
    #[error("`{0}` is one of Counterfoil's own permissions and does not change")]
    BuiltIn(crate::permission::PermissionName),
    /// The platform's own permissions are all built in, so that no role of an organisation ever grants one.
    #[error("permissions of the resource `platform` are Counterfoil's own")]
    Reserved,
    /// It implies a permission that the catalogue does not have.
    #[error("`{0}` is not in the catalogue, so nothing can imply it")]
    ImpliesUnknown(crate::permission::PermissionName),
    /// What is the platform's cannot be given to an organisation's roles.
    #[error("`{0}` is the platform's own, so nothing registered can imply it")]
    ImpliesPlatform(crate::permission::PermissionName),
    /// No role of that name is built in.
    #[error("`{0}` is no built-in role")]
    RoleUnknown(crate::slug::Slug),
}

/// What the platform's facts amount to.
#[derive(Clone, Debug, Default)]
pub struct Platform {
    /// All permissions.
    pub catalogue: Arc<Catalogue>,
    /// When the operators were last reset.
    pub operators_reset_at: Option<Timestamp>,
}

/// The rules of the platform.
#[derive(Clone, Copy, Debug)]
pub enum Rules {}

impl Decider for Rules {
    type State = Platform;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &Platform, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: Platform, event: &Event, at: Timestamp) -> Platform {
        evolve::evolve(state, event, at)
    }
}
