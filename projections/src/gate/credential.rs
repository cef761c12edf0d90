//! Callers' own credentials: who calls, and what they can do.

use std::sync::Arc;

use domain::{
    actor::Holder,
    catalogue::{Catalogue, PermissionSet},
    ids::{OrganizationId, TokenId},
    permission::PermissionName,
    power::Power,
    scope::Scope,
    secret::{Kind, SecretId},
    slug::Slug,
    time::Timestamp,
};
use eventlog::Position;
use schemas::usage::{self, Outcome};

/// A caller whose secret was proven and whose token is live. Copying it copies no text.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The token presented.
    pub token: TokenId,
    /// The secret version presented.
    pub secret: SecretId,
    /// The kind of its secrets.
    pub kind: Kind,
    /// Whom it acts for.
    pub holder: Holder,
    /// The organisation that it belongs to; nothing for operators.
    pub organization: Option<OrganizationId>,
    /// What it asks for.
    pub scopes: Arc<[Scope]>,
    /// The holder's role, as it was given. Whether it counts shows in [`may`](Self::may) and [`power`](Self::power).
    pub role: Arc<Slug>,
    /// It is refused from this instant on.
    pub expires_at: Option<Timestamp>,
    /// The position of the ledger that this was decided at.
    pub position: Position,
    pub(super) grant: Arc<Grant>,
}

impl Credential {
    /// The token and the secret version, as they are recorded.
    pub fn recorded_as(&self) -> usage::Credential {
        usage::Credential { token: self.token.bits(), secret: self.secret.bits() }
    }

    /// Whether it has a permission. One that the catalogue does not know, nobody has.
    pub fn may(&self, name: &PermissionName) -> bool {
        self.grant.catalogue.place(name).is_some_and(|it| self.grant.effective.contains(it))
    }

    /// What it can do, and so what it can give.
    pub fn power(&self) -> &Power {
        &self.grant.power
    }

    /// All permissions that it has, as places in [`catalogue`](Self::catalogue).
    pub fn effective(&self) -> &PermissionSet {
        &self.grant.effective
    }

    /// The catalogue that this was decided under.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.grant.catalogue
    }
}

/// What a list of scopes grants within a role, under one catalogue.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) power: Power,
    pub(super) effective: PermissionSet,
    pub(super) catalogue: Arc<Catalogue>,
}

/// Why a credential is refused. All but [`Refusal::NotFound`] are said only to who has proven the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is malformed, unknown or wrong.
    #[error("there is no such credential")]
    NotFound,
    /// The token, or the secret presented, is refused for ever.
    #[error("the credential was revoked at {at}")]
    Revoked {
        /// Since when.
        at: Timestamp,
    },
    /// Its time is over.
    #[error("the credential expired at {at}")]
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// Its time has not come.
    #[error("the credential is not valid before {at}")]
    NotYetValid {
        /// When it begins.
        at: Timestamp,
    },
    /// Its holder may do nothing.
    #[error("the credential's holder is not active")]
    HolderInactive,
}

impl Refusal {
    /// The code that it is recorded under, where the secret was proven.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::NotFound => Outcome::NOT_FOUND,
            Self::Revoked { .. } => Outcome::REVOKED,
            Self::Expired { .. } => Outcome::EXPIRED,
            Self::NotYetValid { .. } => Outcome::NOT_YET_VALID,
            Self::HolderInactive => Outcome::HOLDER_INACTIVE,
        }
    }
}
