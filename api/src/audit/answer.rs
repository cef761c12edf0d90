//! A fact, as the audit shows it.

use projections::audit::{AuditEvent, Outcome};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::personal;
use crate::position::Incarnation;

/// A fact with all that is known about its happening.
#[derive(Serialize, JsonSchema)]
pub(super) struct EventAnswer {
    /// `evt_…`.
    id: String,
    /// What happened: `subject.verbed.vN`.
    kind: String,
    /// Its position in the ledger.
    position: String,
    /// When it was recorded.
    recorded_at: String,
    /// The organisation it concerns; null for the platform's own.
    organization: Option<String>,
    /// Who did it.
    actor: ActorAnswer,
    /// The id of the thing that it happened to.
    target: String,
    /// Where the request came from.
    ip: Option<String>,
    /// What sent the request, by its own word.
    user_agent: Option<String>,
    /// How it ended: `ok`.
    outcome: &'static str,
    /// Its stream.
    stream: String,
    /// Its place there.
    version: u64,
    /// What belongs together across streams.
    correlation_id: Option<String>,
    /// The event that it reacts to.
    causation_id: Option<String>,
    /// The request that led to it.
    request_id: Option<String>,
    /// Whether its personal data are `visible`, `hidden` from this reader, or `erased`.
    personal: &'static str,
    /// What it says; callers' texts in `texts`, what it says of a person in `personal`.
    data: Map<String, Value>,
}

/// Who did it.
#[derive(Serialize, JsonSchema)]
struct ActorAnswer {
    /// `member`, `service_account`, `operator` or `system`.
    kind: String,
    /// Its id.
    id: String,
    /// The token that it presented.
    token: Option<String>,
    /// Whom it acted for, if not for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<String>,
}

impl EventAnswer {
    pub(super) fn of(event: AuditEvent, incarnation: Incarnation) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind,
            position: incarnation.show(event.position),
            recorded_at: event.recorded_at.to_string(),
            organization: event.organization.map(|it| it.to_string()),
            actor: ActorAnswer {
                kind: event.actor.who.kind,
                id: event.actor.who.id,
                token: event.actor.token.map(|it| it.to_string()),
                on_behalf_of: event.actor.on_behalf_of.map(|it| it.id),
            },
            target: event.target,
            ip: event.ip.map(|it| it.to_string()),
            user_agent: event.user_agent,
            outcome: match event.outcome {
                Outcome::Ok => "ok",
            },
            stream: event.stream,
            version: event.version,
            correlation_id: event.correlation,
            causation_id: event.causation.map(|it| it.to_string()),
            request_id: event.request_id,
            personal: personal(event.personal),
            data: event.data,
        }
    }
}
