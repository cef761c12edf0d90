//! A token, as every answer shows it.

mod seen;

use domain::{
    actor::{Actor, Holder},
    ids::TokenId,
    secret::Brand,
    time::Timestamp,
    token,
};
use projections::{
    token_list::{ListedToken, TokenStatus},
    who::Acted,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

use commands::tokens::TokenDone;
use seen::Seen;

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
    /// The team it belongs to; null while there are no teams.
    pub(crate) team: Option<String>,
    /// Who issued it.
    pub(crate) created_by: ActorAnswer,
    /// When it was issued.
    pub(crate) created_at: String,
    /// It is refused before this instant.
    pub(crate) starts_at: Option<String>,
    /// It is refused from this instant on; null: never.
    pub(crate) expires_at: Option<String>,
    /// When it was last accepted; null: never.
    pub(crate) last_used_at: Option<String>,
    /// Where it was last used from; null where that was not said, or is erased, or hidden.
    pub(crate) last_used_ip: Option<String>,
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
    /// Where it may be used from; empty: anywhere.
    pub(crate) allowed_ips: Vec<String>,
    /// Its own limits; empty: none beyond the plan's.
    pub(crate) limits: Vec<Value>,
    /// What is told when it is verified.
    pub(crate) metadata: BTreeMap<String, String>,
    /// The caller's own id for it.
    pub(crate) external_id: Option<String>,
    /// Its secret versions, oldest first.
    pub(crate) secrets: Vec<SecretAnswer>,
    /// What its owner should look at, each with `code` and `detail`.
    pub(crate) warnings: Vec<Value>,
    /// The fields that are kept from this reader.
    pub(crate) hidden: Vec<String>,
    /// The rules that held when it was issued.
    pub(crate) granted_under: GrantedUnderAnswer,
    /// Grows by one with each change; the `ETag`.
    pub(crate) version: u64,
    /// Present and true where the list could not take in a fact about it: what it says here is not current.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) parked: bool,
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
    /// When it was last accepted; null: never.
    pub(crate) last_used_at: Option<String>,
    /// Where it was last used from; null where that was not said, or is erased, or hidden.
    pub(crate) last_used_ip: Option<String>,
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
        Seen::of(id, done, now).map(|it| it.answer(brand, now))
    }

    /// A token as the list knows it.
    pub(crate) fn listed(listed: &ListedToken, brand: &Brand, now: Timestamp) -> Self {
        Seen::listed(listed, now).answer(brand, now)
    }

    /// The same, where a fact about it is set apart.
    pub(crate) fn parked(self, parked: bool) -> Self {
        Self { parked, ..self }
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
