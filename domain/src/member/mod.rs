//! Members: people in an organisation.

mod decide;
mod evolve;

use crate::{
    decider::Decider, erasable::Erasable, ids::OrganizationId, organization::Person, slug::Slug,
    time::Timestamp,
};

/// What happened to a member.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// They belong to the organisation from now on.
    Added {
        /// Who they are.
        person: Erasable<Person>,
        /// Their role. `owner` counts only for who is among the organisation's owners.
        role: Slug,
    },
}

/// What somebody wants of a member.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Have them belong to an organisation.
    Add {
        /// Which.
        organization: OrganizationId,
        /// Who they are.
        person: Person,
        /// Their role.
        role: Slug,
    },
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// They belong to it.
    #[error("a member of this e-mail address exists")]
    AlreadyExists,
}

/// What a member's facts amount to.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Member {
    /// There is none.
    #[default]
    Absent,
    /// They belong to the organisation.
    Active(Joined),
}

/// A member who belongs to an organisation.
#[derive(Clone, PartialEq, Debug)]
pub struct Joined {
    /// Who they are.
    pub person: Erasable<Person>,
    /// Their role. `owner` counts only for who is among the organisation's owners.
    pub role: Slug,
    /// Since when.
    pub created_at: Timestamp,
}

impl Member {
    /// The member, if they belong.
    pub fn joined(&self) -> Option<&Joined> {
        match self {
            Self::Absent => None,
            Self::Active(joined) => Some(joined),
        }
    }
}

/// The rules of members.
#[derive(Clone, Copy, Debug)]
pub enum Rules {}

impl Decider for Rules {
    type State = Member;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &Member, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: Member, event: &Event, at: Timestamp) -> Member {
        evolve::evolve(state, event, at)
    }
}
