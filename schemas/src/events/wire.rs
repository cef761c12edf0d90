//! Between facts and what is stored of them: what stands in clear, and what lies in whose box.

use super::{
    ledger_gap_recorded, member_added, operator_reset, organization_registered, permission_registered,
    subject_erased, token_expired, token_issued, token_revoked, token_secret_rotated,
};
use domain::{
    erasable::Erasable,
    fact::{Fact, Recorded},
    ids::OrganizationId,
    member, organization, platform,
    stream::StreamId,
    subject, token, usage_gap,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{collections::HashMap, fmt::Display, str::FromStr};

/// Why stored data is no fact.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// No version of this program ever wrote such a kind, or a later one did.
    #[error("the kind `{0}` is not known")]
    UnknownKind(String),
    /// The data has another shape than its kind.
    #[error("the data has another shape than its kind: {0}")]
    Shape(#[from] serde_json::Error),
    /// A value in it is none.
    #[error("{0}")]
    Value(String),
    /// A box that the kind needs is not there.
    #[error("the box of `{0}` is missing")]
    NoBox(String),
    /// The fact lies in a stream where it cannot happen.
    #[error("this kind does not happen in the stream `{0}`")]
    Stream(StreamId),
}

/// The kind whose fact ends the reading of what its subject's key sealed.
pub(crate) const SUBJECT_ERASED: &str = "subject.erased.v1";

/// A fact, taken apart for storing.
pub(crate) struct Wire {
    pub(crate) kind: &'static str,
    pub(crate) data: Clear,
    /// What is sealed, by subject.
    pub(crate) sealed: Vec<(String, Sealed)>,
}

/// What stands in clear.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Clear {
    PermissionRegistered(permission_registered::Data),
    OperatorReset(operator_reset::Data),
    OrganizationRegistered(organization_registered::Data),
    MemberAdded(member_added::Data),
    TokenIssued(token_issued::Data),
    TokenSecretRotated(token_secret_rotated::Data),
    TokenRevoked(token_revoked::Data),
    TokenExpired(token_expired::Data),
    SubjectErased(subject_erased::Data),
    LedgerGapRecorded(ledger_gap_recorded::Data),
}

/// What is sealed.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Sealed {
    Organization(organization_registered::Sealed),
    Person(organization_registered::SealedPerson),
    TokenIssued(token_issued::Sealed),
    TokenSecretRotated(token_secret_rotated::Sealed),
    TokenRevoked(token_revoked::Sealed),
}

/// The subject of callers' texts: their organisation, or the platform.
pub fn text_subject(organization: Option<OrganizationId>) -> String {
    organization.map_or_else(|| "platform".to_owned(), |it| it.to_string())
}

/// Takes a fact apart. What was erased cannot be sealed again, and is left out.
pub(crate) fn to_wire(recorded: &Recorded) -> Wire {
    let texts = || text_subject(recorded.organization);
    match &recorded.fact {
        Fact::Platform(platform::Event::PermissionRegistered(permission)) => {
            Wire::clear("permission.registered.v2", Clear::PermissionRegistered(permission.into()))
        }
        Fact::Platform(platform::Event::OperatorReset) => {
            Wire::clear("operator.reset.v1", Clear::OperatorReset(operator_reset::Data {}))
        }
        Fact::Organization(organization::Event::Registered { label, plan, owner, person }) => {
            let data = organization_registered::Data { plan: *plan, owners: vec![*owner] };
            Wire::clear("organization.registered.v1", Clear::OrganizationRegistered(data))
                .sealing(texts(), label.known().map(|it| Sealed::Organization(it.into())))
                .sealing(owner.to_string(), person.known().map(|it| Sealed::Person(it.into())))
        }
        Fact::Member(member::Event::Added { person, role }) => {
            let subject = match recorded.stream {
                StreamId::Member(id) => id.to_string(),
                StreamId::Platform
                | StreamId::Organization(_)
                | StreamId::Token(_)
                | StreamId::Subject(_)
                | StreamId::UsageGap(_) => texts(),
            };
            Wire::clear("member.added.v1", Clear::MemberAdded(member_added::Data { role: role.clone() }))
                .sealing(subject, person.known().map(|it| Sealed::Person(it.into())))
        }
        Fact::Token(event) => token_to_wire(event, texts()),
        Fact::UsageGap(usage_gap::Event::Recorded(gap)) => {
            Wire::clear("ledger.gap_recorded.v1", Clear::LedgerGapRecorded(gap.into()))
        }
        Fact::Subject(subject::Event::Erased { reason }) => {
            Wire::clear(SUBJECT_ERASED, Clear::SubjectErased((*reason).into()))
        }
    }
}

fn token_to_wire(event: &token::Event, texts: String) -> Wire {
    match event {
        token::Event::Issued(issuance) => {
            let sealed = issuance.texts.known().map(|it| Sealed::TokenIssued(it.into()));
            Wire::clear("token.issued.v1", Clear::TokenIssued(issuance.as_ref().into()))
                .sealing(texts, sealed)
        }
        token::Event::SecretRotated { secret, replaced, overlap_until, reason } => {
            let data = token_secret_rotated::Data {
                secret: secret.into(),
                replaced: *replaced,
                overlap_until: *overlap_until,
            };
            let reason = reason.as_ref().and_then(Erasable::known);
            let sealed = reason
                .map(|it| Sealed::TokenSecretRotated(token_secret_rotated::Sealed { reason: it.clone() }));
            Wire::clear("token.secret_rotated.v1", Clear::TokenSecretRotated(data)).sealing(texts, sealed)
        }
        token::Event::Revoked { reason, note } => {
            let note = note.as_ref().and_then(Erasable::known);
            let sealed = note.map(|it| Sealed::TokenRevoked(token_revoked::Sealed { note: it.clone() }));
            Wire::clear("token.revoked.v1", Clear::TokenRevoked(token_revoked::Data { reason: *reason }))
                .sealing(texts, sealed)
        }
        token::Event::Expired { expires_at } => Wire::clear(
            "token.expired.v1",
            Clear::TokenExpired(token_expired::Data { expires_at: *expires_at }),
        ),
    }
}

impl Wire {
    fn clear(kind: &'static str, data: Clear) -> Self {
        Self { kind, data, sealed: Vec::new() }
    }

    fn sealing(mut self, subject: String, sealed: Option<Sealed>) -> Self {
        self.sealed.extend(sealed.map(|it| (subject, it)));
        self
    }
}

/// The boxes of a record after opening: nothing stands for a box whose key is gone.
pub(crate) type Boxes = HashMap<String, Option<Content>>;

/// What one box holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) request: Option<Whereabouts>,
}

/// Where a request came from.
#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whereabouts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ip: Option<std::net::IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_agent: Option<String>,
}

/// A record's boxes beside what is needed to know whose they are.
pub(crate) struct Opened<'a> {
    pub(crate) stream: StreamId,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) boxes: &'a Boxes,
}

impl Opened<'_> {
    /// What the subject's box holds for the fact; nothing where there is no such box.
    fn optional<Stored: DeserializeOwned, T: From<Stored>>(
        &self,
        subject: &str,
    ) -> Result<Option<Erasable<T>>, DataError> {
        match self.boxes.get(subject) {
            None | Some(Some(Content { data: None, .. })) => Ok(None),
            Some(None) => Ok(Some(Erasable::Erased)),
            Some(Some(Content { data: Some(data), .. })) => {
                let stored: Stored = serde_json::from_str(data.get())?;
                Ok(Some(Erasable::Known(stored.into())))
            }
        }
    }

    fn needed<Stored: DeserializeOwned, T: From<Stored>>(
        &self,
        subject: &str,
    ) -> Result<Erasable<T>, DataError> {
        self.optional::<Stored, T>(subject)?.ok_or_else(|| DataError::NoBox(subject.to_owned()))
    }

    fn texts(&self) -> String {
        text_subject(self.organization)
    }
}

/// Puts a fact together again.
pub(crate) fn from_wire(kind: &str, data: &RawValue, opened: &Opened<'_>) -> Result<Fact, DataError> {
    match kind {
        "permission.registered.v1" => {
            let data: permission_registered::Data = read::<permission_registered::v1::Data>(data)?.into();
            Ok(Fact::Platform(platform::Event::PermissionRegistered(data.try_into()?)))
        }
        "permission.registered.v2" => {
            let data: permission_registered::Data = read(data)?;
            Ok(Fact::Platform(platform::Event::PermissionRegistered(data.try_into()?)))
        }
        "operator.reset.v1" => {
            let operator_reset::Data {} = read(data)?;
            Ok(Fact::Platform(platform::Event::OperatorReset))
        }
        "organization.registered.v1" => organization_registered(&read(data)?, opened).map(Fact::Organization),
        "member.added.v1" => member_added(read(data)?, opened).map(Fact::Member),
        SUBJECT_ERASED => {
            let data: subject_erased::Data = read(data)?;
            Ok(Fact::Subject(subject::Event::Erased { reason: data.into() }))
        }
        "ledger.gap_recorded.v1" => {
            let data: ledger_gap_recorded::Data = read(data)?;
            Ok(Fact::UsageGap(usage_gap::Event::Recorded(data.try_into()?)))
        }
        _ => token_from_wire(kind, data, opened).map(Fact::Token),
    }
}

fn organization_registered(
    data: &organization_registered::Data,
    opened: &Opened<'_>,
) -> Result<organization::Event, DataError> {
    let [owner] = data.owners.as_slice() else {
        return Err(DataError::Value("an organisation begins with one owner".to_owned()));
    };
    Ok(organization::Event::Registered {
        label: opened.needed::<organization_registered::Sealed, _>(&opened.texts())?,
        plan: data.plan,
        owner: *owner,
        person: opened.needed::<organization_registered::SealedPerson, _>(&owner.to_string())?,
    })
}

fn member_added(data: member_added::Data, opened: &Opened<'_>) -> Result<member::Event, DataError> {
    let StreamId::Member(member) = opened.stream else { return Err(DataError::Stream(opened.stream)) };
    let person = opened.needed::<member_added::Sealed, _>(&member.to_string())?;
    Ok(member::Event::Added { person, role: data.role })
}

fn token_from_wire(kind: &str, data: &RawValue, opened: &Opened<'_>) -> Result<token::Event, DataError> {
    match kind {
        "token.issued.v1" => {
            let texts = opened.needed::<token_issued::Sealed, _>(&opened.texts())?;
            let issuance = read::<token_issued::Data>(data)?.with(texts)?;
            Ok(token::Event::Issued(Box::new(issuance)))
        }
        "token.secret_rotated.v1" => {
            let token_secret_rotated::Data { secret, replaced, overlap_until } = read(data)?;
            let reason = opened.optional::<token_secret_rotated::Sealed, String>(&opened.texts())?;
            Ok(token::Event::SecretRotated { secret: secret.into(), replaced, overlap_until, reason })
        }
        "token.revoked.v1" => {
            let token_revoked::Data { reason } = read(data)?;
            let note = opened.optional::<token_revoked::Sealed, String>(&opened.texts())?;
            Ok(token::Event::Revoked { reason, note })
        }
        "token.expired.v1" => {
            let token_expired::Data { expires_at } = read(data)?;
            Ok(token::Event::Expired { expires_at })
        }
        unknown => Err(DataError::UnknownKind(unknown.to_owned())),
    }
}

fn read<T: DeserializeOwned>(data: &RawValue) -> Result<T, DataError> {
    Ok(serde_json::from_str(data.get())?)
}

/// Reads a value that is stored as its text.
pub(super) fn parse<T: FromStr<Err: Display>>(text: &str) -> Result<T, DataError> {
    text.parse().map_err(|err: T::Err| DataError::Value(format!("`{text}`: {err}")))
}

/// Reads values that are stored as their texts.
pub(super) fn parse_all<T: FromStr<Err: Display>>(texts: &[String]) -> Result<Vec<T>, DataError> {
    texts.iter().map(|it| parse(it)).collect()
}

impl From<token_secret_rotated::Sealed> for String {
    fn from(sealed: token_secret_rotated::Sealed) -> Self {
        sealed.reason
    }
}

impl From<token_revoked::Sealed> for String {
    fn from(sealed: token_revoked::Sealed) -> Self {
        sealed.note
    }
}
