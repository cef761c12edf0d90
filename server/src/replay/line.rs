//! One fact as one line.

use projections::{feed::Event, who::Acted};
use serde_json::{Map, Value, json};

use super::opened::opened;

/// A fact as JSON: the record's own fields, and in `data` also what its boxes hold.
pub(super) fn json(event: &Event) -> serde_json::Result<Value> {
    let recorded = &event.recorded;
    let mut line = Map::new();
    line.insert("position".to_owned(), event.position.0.into());
    line.insert("id".to_owned(), recorded.id.to_string().into());
    line.insert("kind".to_owned(), event.kind.into());
    line.insert("recorded_at".to_owned(), recorded.recorded_at.to_string().into());
    line.insert("stream".to_owned(), recorded.stream.to_string().into());
    line.insert("version".to_owned(), recorded.version.into());
    line.insert("organization".to_owned(), recorded.organization.map(|it| it.to_string()).into());
    line.insert("actor".to_owned(), serde_json::to_value(Acted::from(&recorded.actor))?);
    if let Some(request) = &recorded.request {
        let ip = request.ip.as_ref().and_then(|it| it.known()).map(ToString::to_string);
        let user_agent = request.user_agent.as_ref().and_then(|it| it.known());
        line.insert("request".to_owned(), json!({ "id": request.id, "ip": ip, "user_agent": user_agent }));
    }
    if let Some(cause) = recorded.causation {
        line.insert("causation".to_owned(), cause.to_string().into());
    }
    if let Some(correlation) = &recorded.correlation {
        line.insert("correlation".to_owned(), correlation.as_str().into());
    }
    let mut data: Map<String, Value> = serde_json::from_slice(&event.data)?;
    data.extend(opened(&recorded.fact));
    line.insert("data".to_owned(), data.into());
    Ok(line.into())
}

/// A fact in a line for people.
pub(super) fn for_people(event: &Event) -> String {
    let recorded = &event.recorded;
    format!(
        "{:>8}  {}  {:<26}  {}  by {} {}",
        event.position,
        recorded.recorded_at,
        event.kind,
        recorded.stream,
        recorded.actor.principal.kind(),
        recorded.actor.principal,
    )
}
