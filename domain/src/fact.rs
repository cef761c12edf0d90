//! A fact with all that is known about its happening: what a record in the ledger says.

use crate::{
    actor::{Actor, Request},
    ids::{EventId, OrganizationId},
    member, organization, platform,
    seen::CommandMark,
    stream::StreamId,
    subject,
    time::Timestamp,
    token, usage_gap,
};

/// What happened, in any stream.
#[derive(Clone, PartialEq, Debug)]
pub enum Fact {
    /// To the catalogue or the operators.
    Platform(platform::Event),
    /// To an organisation.
    Organization(organization::Event),
    /// To a member.
    Member(member::Event),
    /// To a token.
    Token(token::Event),
    /// To a subject of personal data or texts.
    Subject(subject::Event),
    /// To the usage log: it lacks something.
    UsageGap(usage_gap::Event),
}

/// A fact as it is recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// Its id: random, never derived from a command.
    pub id: EventId,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its place there: 1, 2, 3 …
    pub version: u64,
    /// The organisation it concerns; nothing for the platform's own.
    pub organization: Option<OrganizationId>,
    /// When it was recorded, by the ledger clock.
    pub recorded_at: Timestamp,
    /// The command it follows from, if that came with an idempotency key.
    pub command: Option<CommandMark>,
    /// Who did it.
    pub actor: Actor,
    /// Through which request.
    pub request: Option<Request>,
    /// The event that it reacts to.
    pub causation: Option<EventId>,
    /// What belongs together across streams: the id of the first request or event.
    pub correlation: Option<String>,
    /// What happened.
    pub fact: Fact,
}
