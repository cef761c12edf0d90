use super::{encode::actor_subject, envelope::Envelope};
use crate::{
    events::{
        DataError, Opened, from_wire,
        wire::{Boxes, Content, SUBJECT_ERASED, Whereabouts},
    },
    sealing::{KeySet, OpenError, open},
};
use domain::{
    actor::{Actor, Request},
    erasable::Erasable,
    fact::Recorded,
    ids::EventId,
    stream::StreamId,
};
use serde_json::value::RawValue;

/// Why bytes are no record.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// They are not the JSON of a record.
    #[error("this is not a record: {0}")]
    Shape(#[from] serde_json::Error),
    /// A field or the data is none.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A box does not open with its subject's key.
    #[error("the box of `{subject}` does not open: {source}")]
    Box {
        /// Whose box.
        subject: String,
        /// Why.
        #[source]
        source: OpenError,
    },
}

/// A record that was read but not yet opened: it says whose keys it needs.
pub struct Sealed<'a>(Envelope<'a, &'a RawValue>);

impl<'a> Sealed<'a> {
    /// Reads a record's fields; nothing is opened yet.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Ok(Self(serde_json::from_slice(bytes)?))
    }

    /// The event's id.
    pub fn id(&self) -> EventId {
        self.0.id
    }

    /// The event's kind, with its version.
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The stream, as text.
    pub fn stream(&self) -> &str {
        &self.0.stream
    }

    /// The place in the stream: 1, 2, 3 …
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// What stands in clear, as it was written.
    pub fn data(&self) -> &'a str {
        self.0.data.get()
    }

    /// Whose keys [`Sealed::open`] needs.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.0.boxes.iter().map(|it| it.subject.as_ref())
    }

    /// Whose key is not to be used any more, by what this record says.
    pub fn erases(&self) -> Option<&str> {
        let subject = self.0.stream.strip_prefix("subject-")?;
        (self.0.kind == SUBJECT_ERASED).then_some(subject)
    }

    /// Opens the boxes and puts the fact together. A box whose key is not among `keys` counts as erased.
    pub fn open(self, keys: &KeySet) -> Result<Recorded, DecodeError> {
        let envelope = self.0;
        let stream: StreamId =
            envelope.stream.parse().map_err(|_| DataError::Value(envelope.stream.to_string()))?;
        let boxes = open_boxes(&envelope, keys)?;
        let opened = Opened { stream, organization: envelope.organization, boxes: &boxes };
        let fact = from_wire(&envelope.kind, envelope.data, &opened)?;
        let actor: Actor = envelope.actor.try_into()?;
        Ok(Recorded {
            id: envelope.id,
            stream,
            version: envelope.version,
            organization: envelope.organization,
            recorded_at: envelope.recorded_at,
            command: envelope.command.map(TryInto::try_into).transpose()?,
            request: envelope.request.map(|it| request(it.id.into_owned(), &actor, &boxes)),
            actor,
            causation: envelope.causation,
            correlation: envelope.correlation.map(Into::into),
            fact,
        })
    }
}

fn open_boxes(envelope: &Envelope<'_, &RawValue>, keys: &KeySet) -> Result<Boxes, DecodeError> {
    let event = envelope.id.bits().to_be_bytes();
    let mut boxes = Boxes::with_capacity(envelope.boxes.len());
    for field in &envelope.boxes {
        let subject = field.subject.as_ref();
        let content = match keys.get(subject) {
            None => None,
            Some(key) => {
                let plain = open(key, subject, &event, &field.bytes()?)
                    .map_err(|source| DecodeError::Box { subject: subject.to_owned(), source })?;
                Some(serde_json::from_slice::<Content>(&plain)?)
            }
        };
        boxes.insert(subject.to_owned(), content);
    }
    Ok(boxes)
}

fn request(id: String, actor: &Actor, boxes: &Boxes) -> Request {
    let found = actor_subject(actor).and_then(|it| boxes.get(&it).map(Option::as_ref));
    let (ip, user_agent) = match found {
        None => (None, None),
        Some(None) => (Some(Erasable::Erased), Some(Erasable::Erased)),
        Some(Some(content)) => {
            let Whereabouts { ip, user_agent } =
                content.request.clone().unwrap_or(Whereabouts { ip: None, user_agent: None });
            (ip.map(Erasable::Known), user_agent.map(Erasable::Known))
        }
    };
    Request { id, ip, user_agent }
}
