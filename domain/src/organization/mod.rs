//! Organisations: the tenants of the platform.

mod decide;
mod evolve;

use crate::{decider::Decider, erasable::Erasable, ids::MemberId, plan::Plan, time::Timestamp};

/// A person as others write them: personal data of that member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Their e-mail address, as it was written.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// What an organisation's own text says: erased with the organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Its name, for people.
    pub name: String,
    /// Its slug, from which its id derives.
    pub slug: String,
}

/// What happened to an organisation.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// It exists from now on, with its first owner.
    Registered {
        /// Its name and slug.
        label: Erasable<Label>,
        /// Its plan.
        plan: Plan,
        /// Its first owner.
        owner: MemberId,
        /// Who that is; here so that the registration can be finished by itself.
        person: Erasable<Person>,
    },
}

/// What somebody wants of an organisation.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Have it exist.
    Register {
        /// Its name and slug.
        label: Label,
        /// Its plan.
        plan: Plan,
        /// Its first owner.
        owner: MemberId,
        /// Who that is.
        person: Person,
    },
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is one of that slug.
    #[error("an organisation of this slug exists")]
    AlreadyExists,
}

/// What an organisation's facts amount to.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Organization {
    /// There is none.
    #[default]
    Absent,
    /// It exists.
    Active(Registered),
}

/// An organisation that exists.
#[derive(Clone, PartialEq, Debug)]
pub struct Registered {
    /// Its name and slug.
    pub label: Erasable<Label>,
    /// Its plan.
    pub plan: Plan,
    /// Its owners: a set of the organisation, not a role of the member, so that the last one cannot go.
    pub owners: Vec<MemberId>,
    /// The owner that its registration named.
    pub first_owner: MemberId,
    /// Who that is.
    pub first_person: Erasable<Person>,
    /// Since when.
    pub created_at: Timestamp,
}

impl Organization {
    /// The organisation, if it exists.
    pub fn registered(&self) -> Option<&Registered> {
        match self {
            Self::Absent => None,
            Self::Active(registered) => Some(registered),
        }
    }
}

/// The rules of organisations.
#[derive(Clone, Copy, Debug)]
pub enum Rules {}

impl Decider for Rules {
    type State = Organization;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &Organization, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: Organization, event: &Event, at: Timestamp) -> Organization {
        evolve::evolve(state, event, at)
    }
}
