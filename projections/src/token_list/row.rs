use std::collections::BTreeMap;

use domain::ids::{OrganizationId, TokenId};
use domain::plan::Plan;
use domain::scope::Scope;
use domain::secret::{Kind, SecretId};
use domain::slug::Slug;
use domain::time::Timestamp;
use domain::token::{RevocationReason, Texts};
use eventlog::Position;
use serde::{Deserialize, Serialize};

use super::TokenStatus;
use crate::who::{Acted, Who};

/// A token as the list knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct ListedToken {
    /// Its id.
    pub id: TokenId,
    /// Its organisation; nothing for operators' tokens.
    pub organization: Option<OrganizationId>,
    /// Whom it acts for.
    pub holder: Who,
    /// The kind that its secrets show.
    pub kind: Kind,
    /// Callers' texts; nothing once they are erased.
    pub texts: Option<ListedTexts>,
    /// Whose texts they are: the key that sealed them is that subject's.
    pub texts_subject: String,
    /// What it asks for.
    pub scopes: Vec<Scope>,
    /// Its secret versions, oldest first.
    pub secrets: Vec<ListedSecret>,
    /// Who issued it.
    pub created_by: Acted,
    /// When it was issued.
    pub created_at: Timestamp,
    /// It is refused before this instant.
    pub starts_at: Option<Timestamp>,
    /// It is refused from this instant on.
    pub expires_at: Option<Timestamp>,
    /// What ended it, as far as a fact did.
    pub ended: Ended,
    /// The rules that held when it was issued.
    pub granted_under: GrantedUnder,
    /// The version of its stream.
    pub version: u64,
    /// The position of the fact that issued it.
    pub issued_position: Position,
    /// The position of its last fact.
    pub position: Position,
}

/// Callers' texts about a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedTexts {
    /// A label for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Labels to find it by.
    pub tags: Vec<String>,
    /// What the caller wants to be told when it is verified.
    pub metadata: BTreeMap<String, String>,
    /// The caller's own id for it.
    pub external_id: Option<String>,
}

/// A secret version of a token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListedSecret {
    /// The part of its text that is shown.
    pub id: SecretId,
    /// When it was made.
    pub created_at: Timestamp,
    /// The instant from which it is refused, once another has replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// The facts that ended a token. One that expired may still be revoked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ended {
    /// When it was revoked, or voided by a reset of the operators.
    pub revoked_at: Option<Timestamp>,
    /// Why it was revoked; a reset of the operators gives no reason.
    pub revoked_reason: Option<RevocationReason>,
    /// When it was noted that its time was over.
    pub expired_at: Option<Timestamp>,
}

/// The rules that held when a token was issued.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GrantedUnder {
    /// The holder's role.
    pub role: Slug,
    /// The version of the organisation's policy.
    pub policy: u64,
    /// The organisation's plan; nothing for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

impl ListedToken {
    /// What the token is at `now`: as the filter by status sees it.
    pub fn status(&self, now: Timestamp) -> TokenStatus {
        let has_expired = self.ended.expired_at.is_some() || self.expires_at.is_some_and(|it| it <= now);
        match self.ended.revoked_at {
            Some(_) => TokenStatus::Revoked,
            None if has_expired => TokenStatus::Expired,
            None if self.starts_at.is_some_and(|it| now < it) => TokenStatus::Pending,
            None => TokenStatus::Active,
        }
    }
}

impl From<&Texts> for ListedTexts {
    fn from(texts: &Texts) -> Self {
        Self {
            name: texts.name.clone(),
            description: texts.description.clone(),
            tags: texts.tags.clone(),
            metadata: texts.metadata.clone(),
            external_id: texts.external_id.clone(),
        }
    }
}

impl From<&domain::token::GrantedUnder> for GrantedUnder {
    fn from(rules: &domain::token::GrantedUnder) -> Self {
        Self { role: rules.role.clone(), policy: rules.policy, plan: rules.plan }
    }
}
