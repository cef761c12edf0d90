//! What a fact says, put together from what stands in clear and what was sealed.

use domain::erasable::Erasable;
use domain::fact::{Fact, Recorded};
use domain::organization::Person;
use domain::stream::StreamId;
use domain::token::{Event as TokenFact, Texts};
use domain::{member, organization, platform};
use serde_json::{Map, Value, json};

use crate::feed::Event;
use crate::runner::Poison;

/// What a fact says, and of whom.
pub(super) struct Content {
    pub(super) data: Map<String, Value>,
    pub(super) texts_subject: Option<String>,
    pub(super) personal_subject: Option<String>,
    pub(super) is_erased: bool,
}

/// One part of a fact that was sealed, and whose it is.
struct Part {
    subject: String,
    content: Erasable<Value>,
}

impl Content {
    /// # Errors
    /// When what stands in clear is no JSON object.
    pub(super) fn of(event: &Event) -> Result<Self, Poison> {
        let mut data: Map<String, Value> = serde_json::from_slice(&event.data)
            .map_err(|err| Poison::Senseless(format!("its data is no object: {err}")))?;
        hide_digest(&mut data);
        let (texts, personal) = (texts(&event.recorded), personal(&event.recorded));
        let is_erased = [&texts, &personal].into_iter().flatten().any(|it| it.content == Erasable::Erased);
        let mut add = |name: &str, part: Option<Part>| {
            let Part { subject, content } = part?;
            let content = content.known().cloned().unwrap_or_else(|| Value::from("erased"));
            data.insert(name.to_owned(), content);
            Some(subject)
        };
        let texts_subject = add("texts", texts);
        let personal_subject = add("personal", personal);
        Ok(Self { data, texts_subject, personal_subject, is_erased })
    }
}

/// The id of the thing that a fact happened to.
pub(super) fn target(recorded: &Recorded) -> String {
    match (recorded.stream, &recorded.fact) {
        (_, Fact::Platform(platform::Event::PermissionRegistered(permission))) => permission.name.to_string(),
        (_, Fact::Platform(platform::Event::OperatorReset)) => "operator".to_owned(),
        (StreamId::Organization(id), _) => id.to_string(),
        (StreamId::Member(id), _) => id.to_string(),
        (StreamId::Token(id), _) => id.to_string(),
        (StreamId::Subject(subject), _) => subject.to_string(),
        (StreamId::UsageGap(start), _) => start.to_string(),
        (StreamId::Platform, _) => StreamId::Platform.to_string(),
    }
}

/// Of a secret, readers need to know which one it is, and not what proves it.
fn hide_digest(data: &mut Map<String, Value>) {
    if let Some(Value::Object(secret)) = data.get_mut("secret") {
        secret.retain(|name, _| name == "id");
    }
}

/// Callers' texts: the organisation's, or the platform's.
fn texts(recorded: &Recorded) -> Option<Part> {
    let content = match &recorded.fact {
        Fact::Organization(organization::Event::Registered { label, .. }) => {
            map(label, |it| json!({ "name": it.name, "slug": it.slug }))
        }
        Fact::Token(TokenFact::Issued(issuance)) => map(&issuance.texts, issued),
        Fact::Token(TokenFact::SecretRotated { reason, .. }) => {
            map(reason.as_ref()?, |it| json!({ "reason": it }))
        }
        Fact::Token(TokenFact::Revoked { note, .. }) => map(note.as_ref()?, |it| json!({ "note": it })),
        Fact::Token(TokenFact::Expired { .. })
        | Fact::Platform(_)
        | Fact::Member(_)
        | Fact::Subject(_)
        | Fact::UsageGap(_) => return None,
    };
    let subject = recorded.organization.map_or_else(|| "platform".to_owned(), |it| it.to_string());
    Some(Part { subject, content })
}

/// What a fact says of a person: theirs.
fn personal(recorded: &Recorded) -> Option<Part> {
    match &recorded.fact {
        Fact::Organization(organization::Event::Registered { owner, person, .. }) => {
            Some(Part { subject: owner.to_string(), content: map(person, of_person) })
        }
        Fact::Member(member::Event::Added { person, .. }) => {
            Some(Part { subject: target(recorded), content: map(person, of_person) })
        }
        Fact::Platform(_) | Fact::Token(_) | Fact::Subject(_) | Fact::UsageGap(_) => None,
    }
}

fn of_person(person: &Person) -> Value {
    json!({ "email": person.email, "name": person.name })
}

fn issued(texts: &Texts) -> Value {
    let mut content = Map::new();
    content.insert("name".to_owned(), texts.name.clone().into());
    let optional =
        [("description", &texts.description), ("reason", &texts.reason), ("external_id", &texts.external_id)];
    for (name, text) in optional {
        content.extend(text.clone().map(|it| (name.to_owned(), it.into())));
    }
    if !texts.tags.is_empty() {
        content.insert("tags".to_owned(), texts.tags.clone().into());
    }
    if !texts.metadata.is_empty() {
        content.insert("metadata".to_owned(), json!(texts.metadata));
    }
    Value::Object(content)
}

fn map<T>(sealed: &Erasable<T>, read: impl FnOnce(&T) -> Value) -> Erasable<Value> {
    sealed.known().map(read).into()
}
