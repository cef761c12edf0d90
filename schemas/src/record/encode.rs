use super::envelope::{BoxField, Envelope, RequestField};
use crate::{
    events::{
        Wire, to_wire,
        wire::{self, Clear, Whereabouts},
    },
    sealing::{KeySet, Randomness, RandomnessError, seal},
};
use bytes::Bytes;
use domain::{
    actor::{Actor, Holder, Principal},
    erasable::Erasable,
    fact::Recorded,
};
use serde::Serialize;
use serde_json::value::to_raw_value;
use std::sync::Arc;

/// What a record usually takes at most: its bytes are then written into one allocation.
const USUAL_BYTES: usize = 1_280;

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

/// A record that was just made. Cloning it copies no bytes.
#[derive(Clone, Debug)]
pub struct Written {
    /// The fact's kind, with its version.
    pub kind: &'static str,
    /// The stream, as text.
    pub stream: Arc<str>,
    /// The record.
    pub bytes: Bytes,
    /// What stands in clear: a part of the record.
    pub data: Bytes,
    /// Whose keys open its boxes.
    pub subjects: Vec<String>,
    /// Whether the fact is read back from it as it was: it names no address that is nobody's.
    pub(super) is_whole: bool,
}

/// A fact taken apart for storing: it says whose keys it needs, and is sealed with them.
pub struct Unsealed<'a> {
    recorded: &'a Recorded,
    stream: Arc<str>,
    is_whole: bool,
    kind: &'static str,
    data: Clear,
    /// What goes into boxes, one a subject.
    contents: Vec<(String, Content)>,
}

impl<'a> Unsealed<'a> {
    /// Takes a fact apart. What was erased cannot be sealed again, and is left out.
    pub fn of(recorded: &'a Recorded) -> Self {
        let Wire { kind, data, sealed } = to_wire(recorded);
        let from = whereabouts(recorded);
        Self {
            recorded,
            stream: recorded.stream.to_string().into(),
            is_whole: from.is_some() || !has_whereabouts(recorded),
            kind,
            data,
            contents: contents(sealed, from),
        }
    }

    /// Whose keys [`Unsealed::seal`] needs.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.contents.iter().map(|(subject, _)| subject.as_str())
    }

    /// The record of the fact. It is made once: what was sealed twice differs in its boxes' nonces.
    ///
    /// # Errors
    /// When a subject's key is not among `keys`, or no nonce can be drawn.
    pub fn seal(self, keys: &KeySet, randomness: &dyn Randomness) -> Result<Written, EncodeError> {
        let Self { recorded, stream, is_whole, kind, data, contents } = self;
        let event = recorded.id.bits().to_be_bytes();
        let mut boxes = Vec::with_capacity(contents.len());
        for (subject, content) in &contents {
            let key = keys.get(subject).ok_or_else(|| EncodeError::NoKey(subject.clone()))?;
            let mut nonce = [0; 24];
            randomness.fill(&mut nonce)?;
            let bytes = seal(key, subject, &event, &serde_json::to_vec(content)?, nonce);
            boxes.push(BoxField::new(subject, &bytes));
        }
        let data = to_raw_value(&data)?;
        let envelope = Envelope {
            id: recorded.id,
            kind: kind.into(),
            stream: stream.as_ref().into(),
            version: recorded.version,
            organization: recorded.organization,
            recorded_at: recorded.recorded_at,
            command: recorded.command.as_ref().map(Into::into),
            actor: (&recorded.actor).into(),
            request: recorded.request.as_ref().map(|it| RequestField { id: it.id.as_str().into() }),
            causation: recorded.causation,
            correlation: recorded.correlation.as_deref().map(Into::into),
            boxes,
            data: &data,
        };
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut bytes, &envelope)?;
        let bytes = Bytes::from(bytes);
        // The data is the last field, and one brace follows it.
        let end = bytes.len().saturating_sub(1);
        let data = bytes.slice(end.saturating_sub(data.get().len())..end);
        let subjects = contents.into_iter().map(|(subject, _)| subject).collect();
        Ok(Written { kind, stream, bytes, data, subjects, is_whole })
    }
}

/// Whose keys [`encode`] needs.
pub fn subjects(recorded: &Recorded) -> Vec<String> {
    Unsealed::of(recorded).contents.into_iter().map(|(subject, _)| subject).collect()
}

/// The bytes of a fact whose keys are at hand; see [`Unsealed::seal`].
pub fn encode(
    recorded: &Recorded,
    keys: &KeySet,
    randomness: &dyn Randomness,
) -> Result<Vec<u8>, EncodeError> {
    Ok(Unsealed::of(recorded).seal(keys, randomness)?.bytes.into())
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

fn has_whereabouts(recorded: &Recorded) -> bool {
    recorded.request.as_ref().is_some_and(|it| it.ip.is_some() || it.user_agent.is_some())
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
