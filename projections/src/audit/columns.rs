//! The table of events.

use serde_json::Value as Json;
use store::{Row, SqlError, Value};

use super::AuditEvent;
use crate::runner::{Id, Record, Table, columns};
use crate::who::{Acted, Who};
use crate::{network, search};

pub(super) const EVENTS: Table = Table {
    name: "events",
    columns: &[
        "position",
        "id",
        "kind",
        "organization",
        "recorded_at",
        "actor_kind",
        "actor_id",
        "actor_token",
        "on_behalf_of",
        "target",
        "ip",
        "user_agent",
        "whereabouts_subject",
        "outcome",
        "correlation",
        "causation",
        "request_id",
        "stream",
        "version",
        "data",
        "texts_subject",
        "personal_subject",
        "personal",
        "ip_key",
        "found_by",
        "found_by_personal",
    ],
    ddl: "CREATE TABLE IF NOT EXISTS audit.events (
        position BIGINT PRIMARY KEY NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        organization TEXT,
        recorded_at BIGINT NOT NULL,
        actor_kind TEXT NOT NULL,
        actor_id TEXT NOT NULL,
        actor_token TEXT,
        on_behalf_of TEXT,
        target TEXT NOT NULL,
        ip TEXT,
        user_agent TEXT,
        whereabouts_subject TEXT,
        outcome TEXT NOT NULL,
        correlation TEXT,
        causation TEXT,
        request_id TEXT,
        stream TEXT NOT NULL,
        version BIGINT NOT NULL,
        data TEXT NOT NULL,
        texts_subject TEXT,
        personal_subject TEXT,
        personal TEXT NOT NULL,
        ip_key BYTEA,
        found_by TEXT NOT NULL,
        found_by_personal TEXT NOT NULL
    )",
    indexes: &[
        "CREATE INDEX IF NOT EXISTS events_by_organization ON audit.events (organization, position)",
        "CREATE INDEX IF NOT EXISTS events_by_kind ON audit.events (organization, kind, position)",
        "CREATE INDEX IF NOT EXISTS events_by_ip ON audit.events (organization, ip_key, position)",
        "CREATE INDEX IF NOT EXISTS events_by_time ON audit.events (organization, recorded_at)",
        "CREATE INDEX IF NOT EXISTS events_by_target ON audit.events (target, position)",
        "CREATE INDEX IF NOT EXISTS events_by_actor ON audit.events (actor_id, position)",
        "CREATE INDEX IF NOT EXISTS events_by_actor_token ON audit.events (actor_token, position)",
        "CREATE INDEX IF NOT EXISTS events_by_correlation ON audit.events (correlation, position)",
    ],
};

/// How many columns [`AuditEvent`] is read from; those behind it are derived, to be searched.
pub(super) const READ: usize = 23;

impl Record for AuditEvent {
    const TABLE: &'static Table = &EVENTS;

    fn id(&self) -> Id {
        self.position.into()
    }

    fn into_values(self) -> Vec<Value> {
        let (found_by, found_by_personal) = (found_by(&self), found_by_personal(&self));
        vec![
            self.position.0.into(),
            columns::text(&self.id),
            self.kind.into(),
            columns::optional_text(self.organization.as_ref()),
            self.recorded_at.micros().into(),
            self.actor.who.kind.into(),
            self.actor.who.id.into(),
            columns::optional_text(self.actor.token.as_ref()),
            self.actor.on_behalf_of.map_or(Value::Null, |it| columns::to_json(&it)),
            self.target.into(),
            columns::optional_text(self.ip.as_ref()),
            self.user_agent.into(),
            self.whereabouts_subject.into(),
            columns::to_name(&self.outcome),
            self.correlation.into(),
            columns::optional_text(self.causation.as_ref()),
            self.request_id.into(),
            self.stream.into(),
            self.version.into(),
            columns::to_json(&self.data),
            self.texts_subject.into(),
            self.personal_subject.into(),
            columns::to_name(&self.personal),
            self.ip.map(network::key).into(),
            found_by.into(),
            found_by_personal.into(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let optional = |index| Ok::<_, SqlError>(row.optional_text(index)?.map(str::to_owned));
        Ok(Self {
            position: columns::position(row, 0)?,
            id: columns::parsed(row, 1)?,
            kind: row.text(2)?.to_owned(),
            organization: columns::optional_parsed(row, 3)?,
            recorded_at: columns::instant(row, 4)?,
            actor: Acted {
                who: Who { kind: row.text(5)?.to_owned(), id: row.text(6)?.to_owned() },
                token: columns::optional_parsed(row, 7)?,
                on_behalf_of: columns::optional_json(row, 8)?,
            },
            target: row.text(9)?.to_owned(),
            ip: columns::optional_parsed(row, 10)?,
            user_agent: optional(11)?,
            whereabouts_subject: optional(12)?,
            outcome: columns::named(row, 13)?,
            correlation: optional(14)?,
            causation: columns::optional_parsed(row, 15)?,
            request_id: optional(16)?,
            stream: row.text(17)?.to_owned(),
            version: row.unsigned(18)?,
            data: columns::json(row, 19)?,
            texts_subject: optional(20)?,
            personal_subject: optional(21)?,
            personal: columns::named(row, 22)?,
        })
    }
}

/// The member of the data that says something of a person.
const PERSONAL: &str = "personal";

/// All that a part of finds the event, whoever looks: names, ids, and every text in its data that is not of a person.
fn found_by(event: &AuditEvent) -> String {
    let mut parts = vec![event.kind.clone(), event.id.to_string(), event.target.clone()];
    parts.extend([event.actor.who.id.clone(), event.stream.clone()]);
    parts.extend(event.actor.token.map(|it| it.to_string()));
    parts.extend(event.actor.on_behalf_of.as_ref().map(|it| it.id.clone()));
    parts.extend(event.causation.map(|it| it.to_string()));
    parts.extend([&event.correlation, &event.request_id].into_iter().flatten().cloned());
    let open = event.data.iter().filter(|(name, value)| *name != PERSONAL || !value.is_object());
    open.for_each(|(_, value)| collect_texts(value, &mut parts));
    search::haystack(parts.iter().map(String::as_str))
}

/// All that a part of finds the event besides, for who may see personal data: address, user agent, and what the
/// fact says of a person.
fn found_by_personal(event: &AuditEvent) -> String {
    let mut parts = Vec::from_iter(event.user_agent.clone());
    parts.extend(event.ip.map(|it| it.to_string()));
    if let Some(said) = event.data.get(PERSONAL).filter(|it| it.is_object()) {
        collect_texts(said, &mut parts);
    }
    search::haystack(parts.iter().map(String::as_str))
}

fn collect_texts(value: &Json, parts: &mut Vec<String>) {
    match value {
        Json::String(text) => parts.push(text.clone()),
        Json::Array(values) => values.iter().for_each(|it| collect_texts(it, parts)),
        Json::Object(members) => members.values().for_each(|it| collect_texts(it, parts)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
