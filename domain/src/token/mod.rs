//! Tokens: what acts for a holder. A token has a stable id and one or more secret versions; rotation makes a new
//! version, never a new token.

mod decide;
mod evolve;
mod state;

pub use state::{Ending, Issued, SecretVersion, Status, Token};

use crate::{
    actor::Holder,
    catalogue::Catalogue,
    decider::Decider,
    erasable::Erasable,
    ids::OrganizationId,
    plan::Plan,
    policy::Policy,
    power::Power,
    scope::Scope,
    secret::{Digest, KeyId, Kind, SecretId},
    slug::Slug,
    time::{Lifespan, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// What is kept of a new secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSecret {
    /// Names this version.
    pub id: SecretId,
    /// The pepper of its digest.
    pub key: KeyId,
    /// What a presented text must digest to.
    pub digest: Digest,
}

/// Callers' own texts about a token: erased with the organisation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts {
    /// A label for people, 1 to 100 characters.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Why it was issued so.
    pub reason: Option<String>,
    /// Labels to find it by.
    pub tags: Vec<String>,
    /// What the caller wants to be told when the token is verified.
    pub metadata: BTreeMap<String, String>,
    /// The caller's own id for it.
    pub external_id: Option<String>,
}

/// The rules that held when a token was issued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantedUnder {
    /// The holder's role.
    pub role: Slug,
    /// The version of the organisation's policy.
    pub policy: u64,
    /// The organisation's plan; nothing for operators.
    pub plan: Option<Plan>,
}

/// Why a token is revoked (the names of RFC 5280 §5.3.1, as far as they apply).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// Somebody else has the secret, or may have it.
    KeyCompromise,
    /// Another token has taken its place.
    Superseded,
    /// Its holder shall no longer do this.
    PrivilegeWithdrawn,
    /// Its holder now belongs elsewhere.
    AffiliationChanged,
    /// No reason is given.
    Unspecified,
}

/// How a token began.
#[derive(Clone, PartialEq, Debug)]
pub struct Issuance {
    /// Whom it acts for.
    pub holder: Holder,
    /// The kind its secrets show.
    pub kind: Kind,
    /// Its first secret version.
    pub secret: NewSecret,
    /// What it asks for.
    pub scopes: Vec<Scope>,
    /// It is refused before this instant.
    pub starts_at: Option<Timestamp>,
    /// It is refused from this instant on.
    pub expires_at: Option<Timestamp>,
    /// The rules that held.
    pub granted_under: GrantedUnder,
    /// Callers' texts.
    pub texts: Erasable<Texts>,
}

/// What happened to a token.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// It exists from now on.
    Issued(Box<Issuance>),
    /// A new secret version takes over; the one before lives on until the overlap ends.
    SecretRotated {
        /// The new version.
        secret: NewSecret,
        /// The version that it replaces.
        replaced: SecretId,
        /// The instant from which the replaced version is refused.
        overlap_until: Timestamp,
        /// Why, in the caller's words.
        reason: Option<Erasable<String>>,
    },
    /// It is refused for ever.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// What the caller adds.
        note: Option<Erasable<String>>,
    },
    /// Its time is over; it was refused from `expires_at` on, whenever this was noticed.
    Expired {
        /// The instant from which it was refused.
        expires_at: Timestamp,
    },
}

/// A wish to issue a token, with all that the rules need to see.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The organisation; nothing for operators.
    pub organization: Option<OrganizationId>,
    /// Whom it shall act for.
    pub holder: Holder,
    /// The kind of its secrets.
    pub kind: Kind,
    /// Its secret.
    pub secret: NewSecret,
    /// What it shall ask for.
    pub scopes: Vec<Scope>,
    /// When it shall begin.
    pub starts_at: Option<Timestamp>,
    /// When it shall end.
    pub ends: Ends,
    /// Callers' texts.
    pub texts: Texts,
    /// What the credential presented can do.
    pub giver: Power,
    /// What the holder can do.
    pub receiver: Power,
    /// All permissions.
    pub catalogue: Arc<Catalogue>,
    /// The organisation's policy.
    pub policy: Policy,
    /// The organisation's plan.
    pub plan: Option<Plan>,
    /// Now, by the ledger clock.
    pub at: Timestamp,
}

/// When a token shall end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    /// As the policy says.
    Default,
    /// So long after it is issued.
    In(Lifespan),
    /// At this instant.
    At(Timestamp),
    /// Never.
    Never,
}

/// What somebody wants of a token.
#[derive(Clone, Debug)]
pub enum Command {
    /// Have it exist.
    Issue(Box<Issue>),
    /// Have a new secret.
    Rotate {
        /// The new version.
        secret: NewSecret,
        /// How long the old one lives on; as the policy says where nothing is said.
        overlap: Option<Lifespan>,
        /// Why.
        reason: Option<String>,
        /// The organisation's policy.
        policy: Policy,
        /// Now.
        at: Timestamp,
    },
    /// Have it refused for ever.
    Revoke {
        /// Why.
        reason: RevocationReason,
        /// What the caller adds.
        note: Option<String>,
    },
    /// Have it noted that its time is over.
    Expire {
        /// Now.
        at: Timestamp,
    },
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is a token of that id.
    #[error("this token exists")]
    AlreadyIssued,
    /// There is none.
    #[error("there is no such token")]
    NotIssued,
    /// It is refused for ever.
    #[error("the token is revoked")]
    IsRevoked,
    /// Its time is over.
    #[error("the token has expired")]
    IsExpired,
    /// Its time is not over.
    #[error("the token has not expired")]
    NotYetExpired,
    /// A rotation before this one has not ended.
    #[error("a rotation is in progress until {0}")]
    RotationInProgress(Timestamp),
    /// It would end before it is issued.
    #[error("the expiry lies in the past")]
    ExpiryNotInFuture,
    /// It would end before it begins.
    #[error("the token would expire before it starts")]
    StartsAfterExpiry,
    /// Scopes go beyond what the holder can do.
    #[error("the holder's role `{role}` does not grant all of the scopes")]
    ExceedsRole {
        /// The scopes that do.
        excess: Vec<Scope>,
        /// The holder's role.
        role: Slug,
    },
    /// Scopes go beyond what the credential presented can do.
    #[error("the credential presented cannot give all of the scopes")]
    ExceedsCaller {
        /// The scopes that do.
        excess: Vec<Scope>,
    },
    /// The policy says no; all its rules that do.
    #[error("the organisation's policy does not allow this")]
    Policy(Vec<PolicyBreach>),
}

/// One rule of the policy that stands against a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyBreach {
    /// It would live too long.
    #[error("tokens of this kind live at most {0}")]
    ExpiryExceeds(Lifespan),
    /// It would live for ever.
    #[error("tokens of this kind must expire")]
    NeverExpiresNotAllowed,
    /// Living for ever wants a reason.
    #[error("a token that never expires needs a reason")]
    ReasonRequired,
    /// The old secret would live on for too long.
    #[error("an old secret lives on for at most {0}")]
    OverlapExceeds(Lifespan),
}

/// The rules of tokens.
#[derive(Clone, Copy, Debug)]
pub enum Rules {}

impl Decider for Rules {
    type State = Token;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &Token, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: Token, event: &Event, at: Timestamp) -> Token {
        evolve::evolve(state, event, at)
    }
}

#[cfg(test)]
mod tests;
