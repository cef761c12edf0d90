use super::Folded;
use crate::asked::Asked;
use domain::{
    actor::{Actor, Request},
    ids::{EventId, OrganizationId},
    stream::StreamId,
};
use eventlog::Position;

/// One command to one stream.
pub(crate) struct Order<'a> {
    pub(crate) stream: StreamId,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) actor: &'a Actor,
    pub(crate) request: Option<&'a Request>,
    /// The request's identity, where it can be repeated.
    pub(crate) asked: Option<&'a Asked>,
    pub(crate) causation: Option<EventId>,
    pub(crate) correlation: Option<String>,
    /// Nobody can have written to the stream yet, so that it need not be read.
    pub(crate) unwritten: bool,
}

impl<'a> Order<'a> {
    /// What a caller asks of a stream.
    pub(crate) fn of(asked: &'a Asked, stream: StreamId, organization: Option<OrganizationId>) -> Self {
        Self {
            stream,
            organization,
            actor: &asked.actor,
            request: asked.request.as_ref(),
            asked: Some(asked),
            causation: None,
            correlation: asked.request.as_ref().map(|it| it.id.clone()),
            unwritten: false,
        }
    }

    /// What one of Counterfoil's own parts does in reaction to `cause`.
    pub(crate) fn reaction(
        actor: &'a Actor,
        stream: StreamId,
        organization: Option<OrganizationId>,
        cause: Option<EventId>,
    ) -> Self {
        Self {
            stream,
            organization,
            actor,
            request: None,
            asked: None,
            causation: cause,
            correlation: cause.map(|it| it.to_string()),
            unwritten: false,
        }
    }
}

/// How a command ended that was not refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Its facts were appended.
    Appended,
    /// It was so already.
    AlreadySo,
    /// This very command was obeyed before.
    Repeated,
    /// It would have been done.
    DryRun,
}

/// The state that a command leads to.
#[derive(Clone, Debug)]
pub struct Done<State> {
    /// The state.
    pub state: State,
    /// The stream's version.
    pub version: u64,
    /// Where its last fact lies in the log.
    pub position: Position,
    /// The organisation that the stream belongs to.
    pub organization: Option<OrganizationId>,
    /// Who is behind its first fact.
    pub created_by: Option<Actor>,
    /// How it came about.
    pub outcome: Outcome,
}

impl<State: Clone> Done<State> {
    pub(crate) fn of(folded: &Folded<State>, outcome: Outcome) -> Self {
        Self {
            state: folded.state.clone(),
            version: folded.version.0,
            position: folded.position,
            organization: folded.organization,
            created_by: folded.created_by.clone(),
            outcome,
        }
    }
}
