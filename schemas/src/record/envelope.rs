//! The fields around a fact.

use crate::events::DataError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    actor::{Actor, Holder, Principal},
    ids::{CommandId, EventId, OrganizationId, TokenId},
    secret::KeyId,
    seen::CommandMark,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use uuid::Uuid;

/// A record; `Data` is a struct when it is written and raw text when it is read.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope<'a, Data> {
    pub(super) id: EventId,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) stream: Cow<'a, str>,
    pub(super) version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) organization: Option<OrganizationId>,
    pub(super) recorded_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub(super) command: Option<CommandField<'a>>,
    #[serde(borrow)]
    pub(super) actor: ActorField<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub(super) request: Option<RequestField<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) causation: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub(super) correlation: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) boxes: Vec<BoxField<'a>>,
    pub(super) data: Data,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommandField<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    mac: Cow<'a, str>,
    mac_key: KeyId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActorField<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<TokenId>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    on_behalf_of: Option<PrincipalField<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrincipalField<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestField<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoxField<'a> {
    #[serde(borrow)]
    pub(super) subject: Cow<'a, str>,
    #[serde(rename = "box", borrow)]
    sealed: Cow<'a, str>,
}

impl From<&CommandMark> for CommandField<'_> {
    fn from(mark: &CommandMark) -> Self {
        let (id, mac) = (mark.id.to_string(), URL_SAFE_NO_PAD.encode(mark.mac));
        Self { id: id.into(), mac: mac.into(), mac_key: mark.mac_key.clone() }
    }
}

impl TryFrom<CommandField<'_>> for CommandMark {
    type Error = DataError;

    fn try_from(field: CommandField<'_>) -> Result<Self, DataError> {
        let id = Uuid::try_parse(&field.id).map_err(|_| wrong("command.id"))?;
        let mac = URL_SAFE_NO_PAD.decode(field.mac.as_bytes()).map_err(|_| wrong("command.mac"))?;
        let mac = mac.try_into().map_err(|_| wrong("command.mac"))?;
        Ok(Self { id: CommandId(id), mac, mac_key: field.mac_key })
    }
}

impl From<&Actor> for ActorField<'_> {
    fn from(actor: &Actor) -> Self {
        Self {
            kind: actor.principal.kind().into(),
            id: actor.principal.to_string().into(),
            token: actor.token,
            on_behalf_of: actor.on_behalf_of.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<ActorField<'_>> for Actor {
    type Error = DataError;

    fn try_from(field: ActorField<'_>) -> Result<Self, DataError> {
        Ok(Self {
            principal: PrincipalField { kind: field.kind, id: field.id }.try_into()?,
            token: field.token,
            on_behalf_of: field.on_behalf_of.map(TryInto::try_into).transpose()?,
        })
    }
}

impl From<&Principal> for PrincipalField<'_> {
    fn from(principal: &Principal) -> Self {
        Self { kind: principal.kind().into(), id: principal.to_string().into() }
    }
}

impl TryFrom<PrincipalField<'_>> for Principal {
    type Error = DataError;

    fn try_from(field: PrincipalField<'_>) -> Result<Self, DataError> {
        let id = || wrong("actor.id");
        match field.kind.as_ref() {
            "member" => Ok(Self::Holder(Holder::Member(field.id.parse().map_err(|_| id())?))),
            "service_account" => {
                Ok(Self::Holder(Holder::ServiceAccount(field.id.parse().map_err(|_| id())?)))
            }
            "operator" => Ok(Self::Holder(Holder::Operator)),
            "system" => Ok(Self::System(field.id.into_owned())),
            _ => Err(wrong("actor.kind")),
        }
    }
}

impl<'a> BoxField<'a> {
    pub(super) fn new(subject: &'a str, sealed: &[u8]) -> Self {
        Self { subject: subject.into(), sealed: URL_SAFE_NO_PAD.encode(sealed).into() }
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, DataError> {
        URL_SAFE_NO_PAD.decode(self.sealed.as_bytes()).map_err(|_| wrong("boxes.box"))
    }
}

fn wrong(field: &str) -> DataError {
    DataError::Value(format!("the record's `{field}` is none"))
}
