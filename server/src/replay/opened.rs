//! What a fact's boxes hold: callers' texts and personal data, or the word that they are erased.

use domain::{
    erasable::Erasable,
    fact::Fact,
    member,
    organization::{self, Person},
    token::{self, Texts},
};
use serde_json::{Map, Value, json};

/// The opened fields of a fact, as they are named where they are sealed.
pub(super) fn opened(fact: &Fact) -> Map<String, Value> {
    match fact {
        Fact::Platform(_)
        | Fact::Subject(_)
        | Fact::UsageGap(_)
        | Fact::Token(token::Event::Expired { .. }) => Map::new(),
        Fact::Organization(organization::Event::Registered { label, person, .. }) => {
            let label = label.known().map(|it| json!({ "name": it.name, "slug": it.slug }));
            let person = person.known().map(self::person);
            let mut fields = known_or_erased(label);
            fields.insert("owner".to_owned(), person.map_or_else(erased, Value::Object));
            fields
        }
        Fact::Member(member::Event::Added { person, .. }) => {
            known_or_erased(person.known().map(|it| Value::Object(self::person(it))))
        }
        Fact::Token(token::Event::Issued(issuance)) => known_or_erased(issuance.texts.known().map(texts)),
        Fact::Token(token::Event::SecretRotated { reason, .. }) => note("reason", reason.as_ref()),
        Fact::Token(token::Event::Revoked { note, .. }) => self::note("note", note.as_ref()),
    }
}

fn known_or_erased(value: Option<Value>) -> Map<String, Value> {
    match value.unwrap_or_else(erased) {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn erased() -> Value {
    json!({ "erased": true })
}

fn person(person: &Person) -> Map<String, Value> {
    let fields = [("email", &person.email), ("name", &person.name)];
    fields.into_iter().map(|(name, text)| (name.to_owned(), text.as_str().into())).collect()
}

/// All of a caller's texts that say something.
fn texts(texts: &Texts) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("name", texts.name.as_str().into());
    let optional =
        [("description", &texts.description), ("reason", &texts.reason), ("external_id", &texts.external_id)];
    for (name, text) in optional {
        if let Some(text) = text {
            put(name, text.as_str().into());
        }
    }
    put("tags", texts.tags.clone().into());
    put("metadata", json!(texts.metadata));
    fields.into()
}

fn note(name: &str, text: Option<&Erasable<String>>) -> Map<String, Value> {
    match text {
        None => Map::new(),
        Some(Erasable::Known(text)) => Map::from_iter([(name.to_owned(), text.as_str().into())]),
        Some(Erasable::Erased) => known_or_erased(None),
    }
}
