//! What the gate has found out, as columns of the usage log.

use schemas::usage::{Credential, Decided, Layer as Refusing, Outcome};

use super::{
    Code, Layer,
    prove::Proven,
    tables::{HolderRow, Tables},
};

/// The columns of a decision about a token whose secret was proven.
pub(super) fn of(tables: &Tables, proven: &Proven<'_>, outcome: Outcome, layer: Refusing) -> Decided {
    let token = proven.token;
    let organization = token.organization.and_then(|it| tables.organizations.get(it));
    Decided {
        token: Some(Credential { token: token.id.bits(), secret: proven.secret.bits() }),
        holder: tables.holders.get(token.holder).map(HolderRow::holder),
        organization: organization.map(|it| it.id),
        outcome,
        layer,
        position: tables.position.0,
    }
}

pub(super) fn outcome(code: Code) -> Outcome {
    match code {
        Code::Valid => Outcome::VALID,
        Code::NotFound => Outcome::NOT_FOUND,
        Code::Expired => Outcome::EXPIRED,
        Code::Revoked => Outcome::REVOKED,
        Code::Suspended => Outcome::SUSPENDED,
        Code::NotYetValid => Outcome::NOT_YET_VALID,
        Code::HolderInactive => Outcome::HOLDER_INACTIVE,
        Code::OrganizationLocked => Outcome::ORGANIZATION_LOCKED,
        Code::IpNotAllowed => Outcome::IP_NOT_ALLOWED,
        Code::InsufficientPermissions => Outcome::INSUFFICIENT_PERMISSIONS,
        Code::RateLimited => Outcome::RATE_LIMITED,
        Code::QuotaExceeded => Outcome::QUOTA_EXCEEDED,
    }
}

pub(super) fn layer(layer: Option<Layer>) -> Refusing {
    match layer {
        None => Refusing::NONE,
        Some(Layer::Secret) => Refusing::SECRET,
        Some(Layer::Status) => Refusing::STATUS,
        Some(Layer::KillSwitch) => Refusing::KILL_SWITCH,
        Some(Layer::Address) => Refusing::ADDRESS,
        Some(Layer::Scope) => Refusing::SCOPE,
        Some(Layer::Role) => Refusing::ROLE,
        Some(Layer::Team) => Refusing::TEAM,
        Some(Layer::Binding) => Refusing::BINDING,
        Some(Layer::Policy) => Refusing::POLICY,
        Some(Layer::Plan) => Refusing::PLAN,
        Some(Layer::Parent) => Refusing::PARENT,
        Some(Layer::Limit) => Refusing::LIMIT,
    }
}
