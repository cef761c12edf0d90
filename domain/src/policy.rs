//! The rules that an organisation sets for its tokens. So far there is one policy, "Standard", for all.

use crate::{secret::Kind, time::Lifespan};

/// Rules for the tokens of an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Grows by one with each change; kept in what is issued under it.
    pub version: u64,
    /// How long a token lives whose issuer says nothing.
    pub default_lifetime: Lifespan,
    /// How long an old secret lives on beside its successor, unless said otherwise.
    pub default_overlap: Lifespan,
    /// And at most.
    pub max_overlap: Lifespan,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            default_lifetime: Lifespan::days(90),
            default_overlap: Lifespan::hours(24),
            max_overlap: Lifespan::days(7),
        }
    }
}

impl Policy {
    /// How long a token of that kind of holder may live; nothing where the policy sets no bound.
    pub fn max_lifetime(&self, kind: Kind) -> Option<Lifespan> {
        match kind {
            Kind::Pat => Some(Lifespan::days(365)),
            Kind::Svc => Some(Lifespan::days(730)),
            Kind::Agt => Some(Lifespan::days(30)),
            Kind::Ops => None,
            Kind::Ses => Some(Lifespan::hours(12)),
        }
    }

    /// Whether a token of that kind of holder may live for ever, if a reason is given.
    pub fn may_never_expire(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Svc | Kind::Ops)
    }
}
