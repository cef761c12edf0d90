use super::DataError;
use domain::{
    actor::Holder,
    plan::Plan,
    scope::Scope,
    secret::{Digest, KeyId, Kind, SecretId},
    slug::Slug,
    time::Timestamp,
    token::{GrantedUnder, Issuance, NewSecret, Texts},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `token.issued.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// Whom it acts for.
    holder: HolderData,
    /// The kind its secrets show: `pat`, `svc`, `agt` or `ops`.
    #[schemars(with = "String")]
    kind: Kind,
    /// Its first secret version.
    secret: SecretData,
    /// What it asks for.
    #[schemars(with = "Vec<String>")]
    scopes: Vec<Scope>,
    /// It is refused before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    starts_at: Option<Timestamp>,
    /// It is refused from this instant on; absent: it never expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    expires_at: Option<Timestamp>,
    /// The rules that held.
    granted_under: GrantedUnderData,
}

/// Whom a token acts for: `member`, `service_account` or `operator`, and the id of one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HolderData {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// What is kept of a secret.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretData {
    /// 14 characters that select it.
    #[schemars(with = "String")]
    id: SecretId,
    /// The pepper of its digest.
    #[schemars(with = "String")]
    key: KeyId,
    /// HMAC-SHA-256 of its text before the checksum, hexadecimal.
    #[schemars(with = "String")]
    digest: Digest,
}

/// The rules that held when a token was issued.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GrantedUnderData {
    /// The holder's role.
    #[schemars(with = "String")]
    role: Slug,
    /// The policy's version.
    policy: u64,
    /// The plan's slug; absent for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    plan: Option<Plan>,
}

/// What the organisation's box holds: callers' texts.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    /// A label for people.
    name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Why it was issued so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Labels to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    /// What the caller wants to be told when it is verified.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    /// The caller's own id for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
}

impl From<&Issuance> for Data {
    fn from(issued: &Issuance) -> Self {
        Self {
            holder: issued.holder.into(),
            kind: issued.kind,
            secret: (&issued.secret).into(),
            scopes: issued.scopes.clone(),
            starts_at: issued.starts_at,
            expires_at: issued.expires_at,
            granted_under: GrantedUnderData {
                role: issued.granted_under.role.clone(),
                policy: issued.granted_under.policy,
                plan: issued.granted_under.plan,
            },
        }
    }
}

impl Data {
    /// The fact, with the texts that its box held.
    pub(crate) fn with(self, texts: domain::erasable::Erasable<Texts>) -> Result<Issuance, DataError> {
        let GrantedUnderData { role, policy, plan } = self.granted_under;
        Ok(Issuance {
            holder: self.holder.try_into()?,
            kind: self.kind,
            secret: self.secret.into(),
            scopes: self.scopes,
            starts_at: self.starts_at,
            expires_at: self.expires_at,
            granted_under: GrantedUnder { role, policy, plan },
            texts,
        })
    }
}

impl From<Holder> for HolderData {
    fn from(holder: Holder) -> Self {
        let id = match holder {
            Holder::Member(_) | Holder::ServiceAccount(_) => Some(holder.to_string()),
            Holder::Operator => None,
        };
        Self { kind: holder.kind().to_owned(), id }
    }
}

impl TryFrom<HolderData> for Holder {
    type Error = DataError;

    fn try_from(data: HolderData) -> Result<Self, DataError> {
        let id = data.id.as_deref();
        match (data.kind.as_str(), id) {
            ("member", Some(id)) => Ok(Self::Member(super::wire::parse(id)?)),
            ("service_account", Some(id)) => Ok(Self::ServiceAccount(super::wire::parse(id)?)),
            ("operator", None) => Ok(Self::Operator),
            (kind, _) => Err(DataError::Value(format!("no holder is a `{kind}` of that id"))),
        }
    }
}

impl From<&NewSecret> for SecretData {
    fn from(secret: &NewSecret) -> Self {
        Self { id: secret.id, key: secret.key.clone(), digest: secret.digest }
    }
}

impl From<SecretData> for NewSecret {
    fn from(data: SecretData) -> Self {
        Self { id: data.id, key: data.key, digest: data.digest }
    }
}

impl From<&Texts> for Sealed {
    fn from(texts: &Texts) -> Self {
        let Texts { name, description, reason, tags, metadata, external_id } = texts.clone();
        Self { name, description, reason, tags, metadata, external_id }
    }
}

impl From<Sealed> for Texts {
    fn from(sealed: Sealed) -> Self {
        let Sealed { name, description, reason, tags, metadata, external_id } = sealed;
        Self { name, description, reason, tags, metadata, external_id }
    }
}
