//! Subjects: those whose personal data, or whose texts, are sealed under a key of their own, and can be erased by it.

mod day;
mod decide;
mod evolve;
mod name;

pub use day::{Day, DayError};
pub use name::{Subject, SubjectError};

use crate::{decider::Decider, time::Timestamp};

/// What happened to a subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Its key is deleted, or about to be: what it sealed cannot be read any more, for ever.
    Erased {
        /// Why.
        reason: Reason,
    },
}

/// Why a subject is erased: the grounds of the GDPR, article 17 (1), and one for what has no other name.
///
/// It is a code and no text: a text is where the erased name would come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// What was recorded is not needed any more, such as when its time of keeping is over.
    NoLongerNeeded,
    /// The subject has withdrawn its consent.
    ConsentWithdrawn,
    /// The subject has asked for it, or objects to what is done with its data.
    Requested,
    /// It should not have been recorded.
    Unlawful,
    /// A law or a court demands it.
    LegalObligation,
    /// None of these.
    Unspecified,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NoLongerNeeded,
        Self::ConsentWithdrawn,
        Self::Requested,
        Self::Unlawful,
        Self::LegalObligation,
        Self::Unspecified,
    ];

    /// The code, as it stands on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoLongerNeeded => "no_longer_needed",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Requested => "requested",
            Self::Unlawful => "unlawful",
            Self::LegalObligation => "legal_obligation",
            Self::Unspecified => "unspecified",
        }
    }
}

/// What somebody wants of a subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Have it erased.
    Erase {
        /// Which.
        subject: Subject,
        /// Why.
        reason: Reason,
        /// How many tokens the subject can still act with.
        live_tokens: u64,
        /// The time.
        at: Timestamp,
    },
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Whoever can still act is not erased: from then on nobody would know where the acts come from.
    #[error("the subject can still act with {0} tokens")]
    StillActs(u64),
    /// The day is not over: what is still to be recorded of it could not be sealed.
    #[error("the day {0} is not over")]
    DayNotOver(Day),
    /// An organisation goes as a whole, once it is closed.
    #[error("an organisation is erased once it is closed")]
    OrganizationOpen,
}

/// What a subject's facts amount to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum State {
    /// What it sealed can be read.
    #[default]
    Known,
    /// It is erased, for ever.
    Erased(Erasure),
}

/// An erasure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub erased_at: Timestamp,
}

impl State {
    /// The erasure, if there was one.
    pub const fn erasure(&self) -> Option<&Erasure> {
        match self {
            Self::Known => None,
            Self::Erased(erasure) => Some(erasure),
        }
    }
}

/// The rules of subjects.
#[derive(Clone, Copy, Debug)]
pub enum Rules {}

impl Decider for Rules {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &Event, at: Timestamp) -> State {
        evolve::evolve(state, *event, at)
    }
}
