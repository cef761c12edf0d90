use super::envelope::{BoxField, Envelope, RequestField};
use crate::{
    events::{
        Wire, to_wire,
        wire::{self, Whereabouts},
    },
    sealing::{KeySet, Randomness, RandomnessError, seal},
};
use domain::{
    actor::{Actor, Holder, Principal},
    erasable::Erasable,
    fact::Recorded,
};
use serde::Serialize;

/// Why a fact was not encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The key of a subject was not given; see [`subjects`].
    #[error("the key of `{0}` is needed to seal what the record says about it")]
    NoKey(String),
    /// No nonce could be drawn.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// Something in it cannot be written as JSON.
    #[error("the record cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Whose keys [`encode`] needs.
pub fn subjects(recorded: &Recorded) -> Vec<String> {
    let mut subjects: Vec<String> =
        to_wire(recorded).sealed.into_iter().map(|(subject, _)| subject).collect();
    if let Some((subject, _)) = whereabouts(recorded).filter(|(it, _)| !subjects.contains(it)) {
        subjects.push(subject);
    }
    subjects
}

/// The bytes of a fact. They are made once: what was encoded twice differs in its boxes' nonces.
pub fn encode(
    recorded: &Recorded,
    keys: &KeySet,
    randomness: &dyn Randomness,
) -> Result<Vec<u8>, EncodeError> {
    let Wire { kind, data, sealed } = to_wire(recorded);
    let contents = contents(sealed, whereabouts(recorded));
    let mut boxes = Vec::with_capacity(contents.len());
    for (subject, content) in contents {
        let key = keys.get(&subject).ok_or_else(|| EncodeError::NoKey(subject.clone()))?;
        let mut nonce = [0; 24];
        randomness.fill(&mut nonce)?;
        let event = recorded.id.bits().to_be_bytes();
        let bytes = seal(key, &subject, &event, &serde_json::to_vec(&content)?, nonce);
        boxes.push(BoxField::new(subject, &bytes));
    }
    let envelope = Envelope {
        id: recorded.id,
        kind: kind.into(),
        stream: recorded.stream.to_string().into(),
        version: recorded.version,
        organization: recorded.organization,
        recorded_at: recorded.recorded_at,
        command: recorded.command.as_ref().map(Into::into),
        actor: (&recorded.actor).into(),
        request: recorded.request.as_ref().map(|it| RequestField { id: it.id.as_str().into() }),
        causation: recorded.causation,
        correlation: recorded.correlation.as_deref().map(Into::into),
        boxes,
        data,
    };
    Ok(serde_json::to_vec(&envelope)?)
}

/// What goes into one box.
#[derive(Serialize)]
struct Content {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<wire::Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Whereabouts>,
}

/// One content a subject: whoever is both named by the fact and its actor has one box.
fn contents(
    sealed: Vec<(String, wire::Sealed)>,
    from: Option<(String, Whereabouts)>,
) -> Vec<(String, Content)> {
    let mut contents: Vec<(String, Content)> = sealed
        .into_iter()
        .map(|(subject, data)| (subject, Content { data: Some(data), request: None }))
        .collect();
    let Some((subject, request)) = from else { return contents };
    match contents.iter_mut().find(|(it, _)| *it == subject) {
        Some((_, content)) => content.request = Some(request),
        None => contents.push((subject, Content { data: None, request: Some(request) })),
    }
    contents
}

/// Where the request came from, and whose personal data that is.
fn whereabouts(recorded: &Recorded) -> Option<(String, Whereabouts)> {
    let request = recorded.request.as_ref()?;
    let ip = request.ip.as_ref().and_then(Erasable::known).copied();
    let user_agent = request.user_agent.as_ref().and_then(Erasable::known).cloned();
    if ip.is_none() && user_agent.is_none() {
        return None;
    }
    Some((actor_subject(&recorded.actor)?, Whereabouts { ip, user_agent }))
}

/// Whose personal data an actor's address is: nobody's, where Counterfoil itself acts.
pub(super) fn actor_subject(actor: &Actor) -> Option<String> {
    match &actor.principal {
        Principal::Holder(holder @ (Holder::Member(_) | Holder::ServiceAccount(_) | Holder::Operator)) => {
            Some(holder.to_string())
        }
        Principal::System(_) => None,
    }
}
