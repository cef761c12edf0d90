//! The table of events.

use serde_json::{Map, Value as Json};
use store::{Row, SqlError, Value};

use super::AuditEvent;
use crate::runner::{Blank, Id, Left, Personal, Record, Table, columns};
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
        "texts",
        "texts_subject",
        "person",
        "person_subject",
        "ip_key",
        "found_by",
        "found_by_texts",
        "found_by_person",
        "found_by_whereabouts",
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
        texts TEXT,
        texts_subject TEXT,
        person TEXT,
        person_subject TEXT,
        ip_key BYTEA,
        found_by TEXT NOT NULL,
        found_by_texts TEXT,
        found_by_person TEXT,
        found_by_whereabouts TEXT
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
    personal: &[
        Personal {
            subject: "whereabouts_subject",
            left: Left::Blanks(&[
                ("ip", Blank::Null),
                ("user_agent", Blank::Null),
                ("ip_key", Blank::Null),
                ("found_by_whereabouts", Blank::Null),
            ]),
        },
        Personal {
            subject: "texts_subject",
            left: Left::Blanks(&[("texts", Blank::Null), ("found_by_texts", Blank::Null)]),
        },
        Personal {
            subject: "person_subject",
            left: Left::Blanks(&[("person", Blank::Null), ("found_by_person", Blank::Null)]),
        },
    ],
};

/// How many columns [`AuditEvent`] is read from; those behind it are derived, to be searched.
pub(super) const READ: usize = 24;

impl Record for AuditEvent {
    const TABLE: &'static Table = &EVENTS;

    fn id(&self) -> Id {
        self.position.into()
    }

    fn into_values(mut self) -> Vec<Value> {
        let texts = opened(&mut self.data, TEXTS);
        let person = opened(&mut self.data, PERSON);
        let (found_by, found_by_whereabouts) = (found_by(&self), found_by_whereabouts(&self));
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
            texts.as_ref().map_or(Value::Null, columns::to_json),
            self.texts_subject.into(),
            person.as_ref().map_or(Value::Null, columns::to_json),
            self.personal_subject.into(),
            self.ip.map(network::key).into(),
            found_by.into(),
            texts.as_ref().map(found_by_all).into(),
            person.as_ref().map(found_by_all).into(),
            found_by_whereabouts.into(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let optional = |index| Ok::<_, SqlError>(row.optional_text(index)?.map(str::to_owned));
        let texts = Opened { content: columns::optional_json(row, 20)?, subject: optional(21)? };
        let person = Opened { content: columns::optional_json(row, 22)?, subject: optional(23)? };
        let (ip, user_agent) = (columns::optional_parsed(row, 10)?, optional(11)?);
        let whereabouts_subject = optional(12)?;
        let is_nowhere = whereabouts_subject.is_some() && ip.is_none() && user_agent.is_none();
        let is_erased = is_nowhere || texts.is_erased() || person.is_erased();
        let mut data = columns::json(row, 19)?;
        let texts_subject = texts.put_into(&mut data, TEXTS);
        let personal_subject = person.put_into(&mut data, PERSON);
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
            ip,
            user_agent,
            whereabouts_subject,
            outcome: columns::named(row, 13)?,
            correlation: optional(14)?,
            causation: columns::optional_parsed(row, 15)?,
            request_id: optional(16)?,
            stream: row.text(17)?.to_owned(),
            version: row.unsigned(18)?,
            data,
            texts_subject,
            personal_subject,
            personal: if is_erased { super::Personal::Erased } else { super::Personal::Visible },
        })
    }
}

/// The member of the data that holds callers' texts.
const TEXTS: &str = "texts";

/// The member of the data that says something of a person.
const PERSON: &str = "personal";

/// Takes out of the data what a key opened; nothing where there is none, or it is erased.
fn opened(data: &mut Map<String, Json>, member: &str) -> Option<Json> {
    data.remove(member).filter(Json::is_object)
}

/// What a key opened, or did not open any more.
struct Opened {
    content: Option<Json>,
    subject: Option<String>,
}

impl Opened {
    fn is_erased(&self) -> bool {
        self.subject.is_some() && self.content.is_none()
    }

    /// Shows it, or that it is erased; answers whose it is.
    fn put_into(self, data: &mut Map<String, Json>, member: &str) -> Option<String> {
        if self.subject.is_some() {
            data.insert(member.to_owned(), self.content.unwrap_or_else(|| Json::from("erased")));
        }
        self.subject
    }
}

/// All that a part of finds the event, whoever looks and whoever is erased: names, ids, and what stands in clear.
fn found_by(event: &AuditEvent) -> String {
    let mut parts = vec![event.kind.clone(), event.id.to_string(), event.target.clone()];
    parts.extend([event.actor.who.id.clone(), event.stream.clone()]);
    parts.extend(event.actor.token.map(|it| it.to_string()));
    parts.extend(event.actor.on_behalf_of.as_ref().map(|it| it.id.clone()));
    parts.extend(event.causation.map(|it| it.to_string()));
    parts.extend([&event.correlation, &event.request_id].into_iter().flatten().cloned());
    event.data.values().for_each(|it| collect_texts(it, &mut parts));
    search::haystack(parts.iter().map(String::as_str))
}

/// Every text in what a key opened.
fn found_by_all(opened: &Json) -> String {
    let mut parts = Vec::new();
    collect_texts(opened, &mut parts);
    search::haystack(parts.iter().map(String::as_str))
}

/// Where the request came from; nothing where that is not known.
fn found_by_whereabouts(event: &AuditEvent) -> Option<String> {
    let address = event.ip.map(|it| it.to_string());
    let parts: Vec<&str> = [&event.user_agent, &address].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| search::haystack(parts))
}

fn collect_texts(value: &Json, parts: &mut Vec<String>) {
    match value {
        Json::String(text) => parts.push(text.clone()),
        Json::Array(values) => values.iter().for_each(|it| collect_texts(it, parts)),
        Json::Object(members) => members.values().for_each(|it| collect_texts(it, parts)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
