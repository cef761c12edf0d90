//! A token, as every answer shows it.

use domain::{
    actor::{Actor, Holder},
    erasable::Erasable,
    ids::TokenId,
    secret::Brand,
    time::Timestamp,
    token::{self, Ending, RevocationReason, SecretVersion, Texts, Token},
};
use projections::{
    token_list::{ListedSecret, ListedToken, TokenStatus},
    who::Acted,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

use commands::tokens::TokenDone;

/// Whether a token would be accepted now, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// It is accepted.
    Active,
    /// It is refused for ever.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    Pending,
}

/// A token. Its secret appears once, when it is made, and nowhere else.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TokenAnswer {
    /// `tok_…`; stable over rotations.
    pub(crate) id: String,
    /// A label for people; null once it is erased.
    pub(crate) name: Option<String>,
    /// Whether it would be accepted now.
    pub(crate) status: Status,
    /// The newest secret, as far as it is ever shown again: `c9d_pat_<id>…`.
    pub(crate) display: String,
    /// The kind its secrets show: `pat`, `svc` or `agt`.
    pub(crate) kind: &'static str,
    /// Whom it acts for.
    pub(crate) holder: HolderAnswer,
    /// Who issued it.
    pub(crate) created_by: ActorAnswer,
    /// When it was issued.
    pub(crate) created_at: String,
    /// It is refused before this instant.
    pub(crate) starts_at: Option<String>,
    /// It is refused from this instant on; null: never.
    pub(crate) expires_at: Option<String>,
    /// When it was revoked.
    pub(crate) revoked_at: Option<String>,
    /// Why it was revoked.
    pub(crate) revoked_reason: Option<String>,
    /// What it asks for.
    pub(crate) scopes: Vec<String>,
    /// Labels to find it by.
    pub(crate) tags: Vec<String>,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// What is told when it is verified.
    pub(crate) metadata: BTreeMap<String, String>,
    /// The caller's own id for it.
    pub(crate) external_id: Option<String>,
    /// Its secret versions, oldest first.
    pub(crate) secrets: Vec<SecretAnswer>,
    /// The rules that held when it was issued.
    pub(crate) granted_under: GrantedUnderAnswer,
    /// Grows by one with each change; the `ETag`.
    pub(crate) version: u64,
}

/// Whom a token acts for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HolderAnswer {
    /// `member`, `service_account` or `operator`.
    pub(crate) kind: String,
    /// `mem_…` or `sva_…`.
    pub(crate) id: String,
}

/// Who did something.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ActorAnswer {
    /// `member`, `service_account`, `operator` or `system`.
    pub(crate) kind: String,
    /// Its id, or the name of the part of Counterfoil that acted.
    pub(crate) id: String,
    /// The token that it presented.
    pub(crate) token: Option<String>,
}

/// One secret version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SecretAnswer {
    /// The 14 characters after the kind in its text.
    pub(crate) id: String,
    /// `active`, `overlapping` or `retired`.
    pub(crate) status: &'static str,
    /// When it was made.
    pub(crate) created_at: String,
    /// The instant from which it is refused, once another has replaced it.
    pub(crate) valid_until: Option<String>,
}

/// The rules that held when a token was issued.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct GrantedUnderAnswer {
    /// The holder's role.
    pub(crate) role: String,
    /// The policy's version.
    pub(crate) policy: u64,
    /// The plan.
    pub(crate) plan: Option<String>,
}

impl From<Holder> for HolderAnswer {
    fn from(holder: Holder) -> Self {
        Self { kind: holder.kind().to_owned(), id: holder.to_string() }
    }
}

impl From<&Actor> for ActorAnswer {
    fn from(actor: &Actor) -> Self {
        Self {
            kind: actor.principal.kind().to_owned(),
            id: actor.principal.to_string(),
            token: actor.token.map(|it| it.to_string()),
        }
    }
}

impl TokenAnswer {
    /// A token as a command left it; nothing where it was never issued.
    pub(crate) fn of(id: TokenId, done: &TokenDone, brand: &Brand, now: Timestamp) -> Option<Self> {
        let issued = done.state.issued()?;
        let texts = match &issued.texts {
            Erasable::Known(texts) => texts.clone(),
            Erasable::Erased => Texts::default(),
        };
        let (revoked_at, revoked_reason) = revocation(&done.state);
        Some(Self {
            id: id.to_string(),
            name: issued.texts.known().map(|it| it.name.clone()),
            status: done.state.status(now)?.into(),
            display: issued.secrets.last().map(|it| brand.display(issued.kind, it.id)).unwrap_or_default(),
            kind: issued.kind.as_str(),
            holder: issued.holder.into(),
            created_by: done.created_by.as_ref().map_or_else(unknown, Into::into),
            created_at: issued.created_at.to_string(),
            starts_at: issued.starts_at.map(|it| it.to_string()),
            expires_at: issued.expires_at.map(|it| it.to_string()),
            revoked_at: revoked_at.map(|it| it.to_string()),
            revoked_reason: revoked_reason.map(reason),
            scopes: issued.scopes.iter().map(ToString::to_string).collect(),
            tags: texts.tags,
            description: texts.description,
            metadata: texts.metadata,
            external_id: texts.external_id,
            secrets: issued.secrets.iter().map(|it| secret(it, now)).collect(),
            granted_under: GrantedUnderAnswer {
                role: issued.granted_under.role.to_string(),
                policy: issued.granted_under.policy,
                plan: issued.granted_under.plan.map(|it| it.to_string()),
            },
            version: done.version,
        })
    }
}

impl TokenAnswer {
    /// A token as the list knows it.
    pub(crate) fn listed(listed: &ListedToken, brand: &Brand, now: Timestamp) -> Self {
        let texts = listed.texts.as_ref();
        Self {
            id: listed.id.to_string(),
            name: texts.map(|it| it.name.clone()),
            status: listed.status(now).into(),
            display: listed.secrets.last().map(|it| brand.display(listed.kind, it.id)).unwrap_or_default(),
            kind: listed.kind.as_str(),
            holder: HolderAnswer { kind: listed.holder.kind.clone(), id: listed.holder.id.clone() },
            created_by: (&listed.created_by).into(),
            created_at: listed.created_at.to_string(),
            starts_at: listed.starts_at.map(|it| it.to_string()),
            expires_at: listed.expires_at.map(|it| it.to_string()),
            revoked_at: listed.ended.revoked_at.map(|it| it.to_string()),
            revoked_reason: listed.ended.revoked_reason.map(reason),
            scopes: listed.scopes.iter().map(ToString::to_string).collect(),
            tags: texts.map(|it| it.tags.clone()).unwrap_or_default(),
            description: texts.and_then(|it| it.description.clone()),
            metadata: texts.map(|it| it.metadata.clone()).unwrap_or_default(),
            external_id: texts.and_then(|it| it.external_id.clone()),
            secrets: listed.secrets.iter().map(|it| listed_secret(it, now)).collect(),
            granted_under: GrantedUnderAnswer {
                role: listed.granted_under.role.to_string(),
                policy: listed.granted_under.policy,
                plan: listed.granted_under.plan.map(|it| it.to_string()),
            },
            version: listed.version,
        }
    }
}

impl From<token::Status> for Status {
    fn from(status: token::Status) -> Self {
        match status {
            token::Status::Active => Self::Active,
            token::Status::Pending => Self::Pending,
            token::Status::Expired => Self::Expired,
            token::Status::Revoked => Self::Revoked,
        }
    }
}

impl From<TokenStatus> for Status {
    fn from(status: TokenStatus) -> Self {
        match status {
            TokenStatus::Active => Self::Active,
            TokenStatus::Pending => Self::Pending,
            TokenStatus::Expired => Self::Expired,
            TokenStatus::Revoked => Self::Revoked,
        }
    }
}

impl From<&Acted> for ActorAnswer {
    fn from(acted: &Acted) -> Self {
        Self {
            kind: acted.who.kind.clone(),
            id: acted.who.id.clone(),
            token: acted.token.map(|it| it.to_string()),
        }
    }
}

fn listed_secret(listed: &ListedSecret, now: Timestamp) -> SecretAnswer {
    SecretAnswer {
        id: listed.id.to_string(),
        status: secret_status(listed.valid_until, now),
        created_at: listed.created_at.to_string(),
        valid_until: listed.valid_until.map(|it| it.to_string()),
    }
}

fn unknown() -> ActorAnswer {
    ActorAnswer { kind: "system".to_owned(), id: "unknown".to_owned(), token: None }
}

fn revocation(token: &Token) -> (Option<Timestamp>, Option<RevocationReason>) {
    match token.ending() {
        Some(Ending::Revoked { at, reason }) => (Some(at), Some(reason)),
        Some(Ending::Expired { .. }) | None => (None, None),
    }
}

fn reason(reason: RevocationReason) -> String {
    serde_json::to_value(reason).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

fn secret(version: &SecretVersion, now: Timestamp) -> SecretAnswer {
    SecretAnswer {
        id: version.id.to_string(),
        status: secret_status(version.valid_until, now),
        created_at: version.created_at.to_string(),
        valid_until: version.valid_until.map(|it| it.to_string()),
    }
}

/// How a secret version stands at `now`.
fn secret_status(valid_until: Option<Timestamp>, now: Timestamp) -> &'static str {
    match valid_until {
        None => "active",
        Some(until) if now < until => "overlapping",
        Some(_) => "retired",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_name_for_all_who_show_it() {
        let all =
            [token::Status::Active, token::Status::Pending, token::Status::Expired, token::Status::Revoked];
        for status in all {
            assert_eq!(serde_json::to_value(Status::from(status)).unwrap(), status.as_str());
        }
        for status in TokenStatus::ALL {
            assert_eq!(serde_json::to_value(Status::from(status)).unwrap(), status.as_str());
        }
    }
}
