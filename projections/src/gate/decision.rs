//! What the gate answers about a token.

use std::{collections::BTreeMap, fmt, sync::Arc};

use domain::{
    actor::Holder,
    ids::{OrganizationId, TokenId},
    permission::PermissionName,
    scope::Scope,
    secret::{Kind, SecretId},
    slug::Slug,
    time::Timestamp,
};
use eventlog::Position;

/// The answer to one question. It is whole in itself: nothing of the gate is borrowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision<'q> {
    /// Yes, or the first reason against it.
    pub code: Code,
    /// The position of the ledger that it was decided at.
    pub position: Position,
    /// The token; nothing exactly where the code is [`Code::NotFound`].
    pub subject: Option<Subject>,
    /// Of the permissions asked for, those that the token does not have, in the order asked. Only with
    /// [`Code::InsufficientPermissions`]; empty there when it is the endpoint that is not open.
    pub missing_permissions: Vec<&'q PermissionName>,
    /// What stands against it; nothing where the code is [`Code::Valid`] or [`Code::NotFound`].
    pub denied_by: Option<DeniedBy>,
}

impl Decision<'_> {
    /// Whether the answer is yes.
    pub fn is_valid(&self) -> bool {
        self.code == Code::Valid
    }
}

/// A token whose secret was proven, to one who may ask about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// The token.
    pub token: TokenId,
    /// The secret version that was presented.
    pub secret: SecretId,
    /// The kind of its secrets.
    pub kind: Kind,
    /// The organisation that it belongs to.
    pub organization: OrganizationId,
    /// Whom it acts for.
    pub holder: Holder,
    /// Its label for people; nothing once it is erased.
    pub name: Option<Box<str>>,
    /// What it asks for.
    pub scopes: Arc<[Scope]>,
    /// It is refused from this instant on.
    pub expires_at: Option<Timestamp>,
    /// What its issuer wants to be told when it is verified.
    pub metadata: Option<Arc<BTreeMap<String, String>>>,
    /// Its issuer's own id for it.
    pub external_id: Option<Arc<str>>,
}

/// Yes, or why not. Only [`Code::NotFound`] is said before the secret is proven.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Code {
    /// Yes.
    Valid,
    /// There is no such token, or none that concerns the asker.
    NotFound,
    /// Its time is over.
    Expired,
    /// It, or the secret presented, is refused for ever.
    Revoked,
    /// It is refused for now.
    Suspended,
    /// Its time has not come.
    NotYetValid,
    /// Its holder may do nothing.
    HolderInactive,
    /// Its organisation's kill switch is engaged.
    OrganizationLocked,
    /// It is presented from a forbidden address.
    IpNotAllowed,
    /// It, or its holder, may not do what was asked.
    InsufficientPermissions,
    /// A rate is exceeded.
    RateLimited,
    /// A quota is used up.
    QuotaExceeded,
}

impl Code {
    /// The code as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::NotFound => "NOT_FOUND",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
            Self::Suspended => "SUSPENDED",
            Self::NotYetValid => "NOT_YET_VALID",
            Self::HolderInactive => "HOLDER_INACTIVE",
            Self::OrganizationLocked => "ORGANIZATION_LOCKED",
            Self::IpNotAllowed => "IP_NOT_ALLOWED",
            Self::InsufficientPermissions => "INSUFFICIENT_PERMISSIONS",
            Self::RateLimited => "RATE_LIMITED",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
        }
    }
}

/// What stood against it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeniedBy {
    /// The layer that refused.
    pub layer: Layer,
    /// The thing that refused there, where it has a name of its own.
    pub id: Option<Denier>,
}

/// The layers that a decision passes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layer {
    /// The secret version.
    Secret,
    /// The state of the token, its holder and its organisation.
    Status,
    /// The kill switch.
    KillSwitch,
    /// The address rules.
    Address,
    /// What the token asks for.
    Scope,
    /// What the holder may do at all.
    Role,
    /// The ceiling of the token's team.
    Team,
    /// The services and environments that a token is bound to.
    Binding,
    /// The organisation's policy.
    Policy,
    /// The organisation's plan.
    Plan,
    /// The token that this one derives from.
    Parent,
    /// The limits.
    Limit,
}

impl Layer {
    /// The layer as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Status => "status",
            Self::KillSwitch => "kill_switch",
            Self::Address => "address",
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Team => "team",
            Self::Binding => "binding",
            Self::Policy => "policy",
            Self::Plan => "plan",
            Self::Parent => "parent",
            Self::Limit => "limit",
        }
    }
}

/// The thing that refused; printed as its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Denier {
    /// A secret version.
    Secret(SecretId),
    /// A token.
    Token(TokenId),
    /// A holder.
    Holder(Holder),
    /// A role.
    Role(Arc<Slug>),
}

impl fmt::Display for Denier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(id) => write!(f, "{id}"),
            Self::Token(id) => write!(f, "{id}"),
            Self::Holder(holder) => write!(f, "{holder}"),
            Self::Role(slug) => write!(f, "{slug}"),
        }
    }
}
