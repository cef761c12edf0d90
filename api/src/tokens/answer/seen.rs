//! A token, wherever it was seen: after a command, or in the list. From here on both are shown alike.

use commands::tokens::TokenDone;
use domain::{
    ids::TokenId,
    scope::Scope,
    secret::{Brand, Kind, SecretId},
    time::Timestamp,
    token::{Ending, RevocationReason, Texts, Token},
};
use projections::token_list::{ListedTexts, ListedToken};

use super::{ActorAnswer, GrantedUnderAnswer, HolderAnswer, SecretAnswer, Status, TokenAnswer};

/// What there is to show of a token.
pub(super) struct Seen<'t> {
    id: TokenId,
    status: Status,
    kind: Kind,
    holder: HolderAnswer,
    created_by: ActorAnswer,
    created_at: Timestamp,
    starts_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    revoked_reason: Option<RevocationReason>,
    scopes: &'t [Scope],
    /// Nothing once they are erased.
    texts: Option<Texts>,
    secrets: Vec<SecretSeen>,
    granted_under: GrantedUnderAnswer,
    version: u64,
}

/// One secret version.
struct SecretSeen {
    id: SecretId,
    created_at: Timestamp,
    valid_until: Option<Timestamp>,
}

impl<'t> Seen<'t> {
    /// As a command left it; nothing where it was never issued.
    pub(super) fn of(id: TokenId, done: &'t TokenDone, now: Timestamp) -> Option<Self> {
        let issued = done.state.issued()?;
        let (revoked_at, revoked_reason) = revocation(&done.state);
        let secrets = issued.secrets.iter();
        Some(Self {
            id,
            status: done.state.status(now)?.into(),
            kind: issued.kind,
            holder: issued.holder.into(),
            created_by: done.created_by.as_ref().map_or_else(unknown, Into::into),
            created_at: issued.created_at,
            starts_at: issued.starts_at,
            expires_at: issued.expires_at,
            revoked_at,
            revoked_reason,
            scopes: &issued.scopes,
            texts: issued.texts.known().cloned(),
            secrets: secrets
                .map(|it| SecretSeen { id: it.id, created_at: it.created_at, valid_until: it.valid_until })
                .collect(),
            granted_under: GrantedUnderAnswer {
                role: issued.granted_under.role.to_string(),
                policy: issued.granted_under.policy,
                plan: issued.granted_under.plan.map(|it| it.to_string()),
            },
            version: done.version,
        })
    }

    /// As the list knows it.
    pub(super) fn listed(listed: &'t ListedToken, now: Timestamp) -> Self {
        let secrets = listed.secrets.iter();
        Self {
            id: listed.id,
            status: listed.status(now).into(),
            kind: listed.kind,
            holder: HolderAnswer { kind: listed.holder.kind.clone(), id: listed.holder.id.clone() },
            created_by: (&listed.created_by).into(),
            created_at: listed.created_at,
            starts_at: listed.starts_at,
            expires_at: listed.expires_at,
            revoked_at: listed.ended.revoked_at,
            revoked_reason: listed.ended.revoked_reason,
            scopes: &listed.scopes,
            texts: listed.texts.as_ref().map(texts),
            secrets: secrets
                .map(|it| SecretSeen { id: it.id, created_at: it.created_at, valid_until: it.valid_until })
                .collect(),
            granted_under: GrantedUnderAnswer {
                role: listed.granted_under.role.to_string(),
                policy: listed.granted_under.policy,
                plan: listed.granted_under.plan.map(|it| it.to_string()),
            },
            version: listed.version,
        }
    }

    /// As it is shown.
    pub(super) fn answer(self, brand: &Brand, now: Timestamp) -> TokenAnswer {
        let instant = |it: Option<Timestamp>| it.map(|it| it.to_string());
        let name = self.texts.as_ref().map(|it| it.name.clone());
        let texts = self.texts.unwrap_or_default();
        TokenAnswer {
            id: self.id.to_string(),
            name,
            status: self.status,
            display: self.secrets.last().map(|it| brand.display(self.kind, it.id)).unwrap_or_default(),
            kind: self.kind.as_str(),
            holder: self.holder,
            team: None,
            created_by: self.created_by,
            created_at: self.created_at.to_string(),
            starts_at: instant(self.starts_at),
            expires_at: instant(self.expires_at),
            last_used_at: None,
            last_used_ip: None,
            revoked_at: instant(self.revoked_at),
            revoked_reason: self.revoked_reason.map(reason),
            scopes: self.scopes.iter().map(ToString::to_string).collect(),
            tags: texts.tags,
            description: texts.description,
            allowed_ips: Vec::new(),
            limits: Vec::new(),
            metadata: texts.metadata,
            external_id: texts.external_id,
            secrets: self.secrets.iter().map(|it| it.answer(now)).collect(),
            warnings: Vec::new(),
            hidden: Vec::new(),
            granted_under: self.granted_under,
            version: self.version,
            parked: false,
        }
    }
}

impl SecretSeen {
    fn answer(&self, now: Timestamp) -> SecretAnswer {
        SecretAnswer {
            id: self.id.to_string(),
            status: match self.valid_until {
                None => "active",
                Some(until) if now < until => "overlapping",
                Some(_) => "retired",
            },
            created_at: self.created_at.to_string(),
            valid_until: self.valid_until.map(|it| it.to_string()),
            last_used_at: None,
            last_used_ip: None,
        }
    }
}

fn texts(texts: &ListedTexts) -> Texts {
    Texts {
        name: texts.name.clone(),
        description: texts.description.clone(),
        reason: None,
        tags: texts.tags.clone(),
        metadata: texts.metadata.clone(),
        external_id: texts.external_id.clone(),
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
