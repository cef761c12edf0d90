//! Who did it, through what, and from where.

use crate::{
    erasable::Erasable,
    ids::{MemberId, ServiceAccountId, TokenId},
};
use std::{fmt, net::IpAddr};

/// Whom a token acts for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Holder {
    /// A person in an organisation.
    Member(MemberId),
    /// A machine of an organisation.
    ServiceAccount(ServiceAccountId),
    /// Who runs the platform.
    Operator,
}

impl Holder {
    /// The kind, as it stands on the wire.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Member(_) => "member",
            Self::ServiceAccount(_) => "service_account",
            Self::Operator => "operator",
        }
    }
}

/// The id alone; operators are one and have the id `operator`.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => write!(f, "{id}"),
            Self::ServiceAccount(id) => write!(f, "{id}"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

/// Who acts: a holder, or Counterfoil itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Principal {
    /// The holder of a token.
    Holder(Holder),
    /// One of Counterfoil's own parts, by name, such as the worker `expiry`.
    System(String),
}

impl Principal {
    /// The kind, as it stands on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Holder(holder) => holder.kind(),
            Self::System(_) => "system",
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holder(holder) => write!(f, "{holder}"),
            Self::System(name) => f.write_str(name),
        }
    }
}

/// Who acted, through which token, and on whose behalf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// Who acted.
    pub principal: Principal,
    /// The token presented.
    pub token: Option<TokenId>,
    /// Whom the actor acted for, if not for itself.
    pub on_behalf_of: Option<Principal>,
}

impl Actor {
    /// One of Counterfoil's own parts.
    pub fn system(name: &str) -> Self {
        Self { principal: Principal::System(name.to_owned()), token: None, on_behalf_of: None }
    }
}

/// The request that led to a fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Our id of the request, as it was answered.
    pub id: String,
    /// Where it came from.
    pub ip: Option<Erasable<IpAddr>>,
    /// What sent it, by its own word.
    pub user_agent: Option<Erasable<String>>,
}
