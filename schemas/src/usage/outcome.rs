//! The numbers under which codes and layers are stored.

/// The code of a decision. It is stored as its number, so a number NEVER CHANGES its meaning;
/// one that this version does not know is kept as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Outcome(pub u16);

impl Outcome {
    /// Accepted. Not 0, so that an absent column is never read as a yes.
    pub const VALID: Self = Self(1);
    /// A proven secret that the caller may not ask about.
    pub const NOT_FOUND: Self = Self(2);
    /// Past its end.
    pub const EXPIRED: Self = Self(3);
    /// Revoked, or a retired secret of a living token.
    pub const REVOKED: Self = Self(4);
    /// Suspended, itself or by a kill switch.
    pub const SUSPENDED: Self = Self(5);
    /// Before its start.
    pub const NOT_YET_VALID: Self = Self(6);
    /// Its holder is suspended, disabled or removed.
    pub const HOLDER_INACTIVE: Self = Self(7);
    /// Its organisation is suspended, closed or locked.
    pub const ORGANIZATION_LOCKED: Self = Self(8);
    /// Used from an address outside its rules.
    pub const IP_NOT_ALLOWED: Self = Self(9);
    /// It does not cover what was asked.
    pub const INSUFFICIENT_PERMISSIONS: Self = Self(10);
    /// A rate was exceeded.
    pub const RATE_LIMITED: Self = Self(11);
    /// A quota was used up.
    pub const QUOTA_EXCEEDED: Self = Self(12);
    /// Not a token's text at all; callers are told `NOT_FOUND`.
    pub const MALFORMED: Self = Self(13);
    /// A well-formed text whose id nobody has; callers are told `NOT_FOUND`.
    pub const UNKNOWN: Self = Self(14);
    /// A known id with a wrong secret; callers are told `NOT_FOUND`.
    pub const WRONG: Self = Self(15);

    /// The code that callers are told, or none where this version does not know the number.
    pub fn code(self) -> Option<&'static str> {
        Some(match self {
            Self::VALID => "VALID",
            Self::NOT_FOUND | Self::MALFORMED | Self::UNKNOWN | Self::WRONG => "NOT_FOUND",
            Self::EXPIRED => "EXPIRED",
            Self::REVOKED => "REVOKED",
            Self::SUSPENDED => "SUSPENDED",
            Self::NOT_YET_VALID => "NOT_YET_VALID",
            Self::HOLDER_INACTIVE => "HOLDER_INACTIVE",
            Self::ORGANIZATION_LOCKED => "ORGANIZATION_LOCKED",
            Self::IP_NOT_ALLOWED => "IP_NOT_ALLOWED",
            Self::INSUFFICIENT_PERMISSIONS => "INSUFFICIENT_PERMISSIONS",
            Self::RATE_LIMITED => "RATE_LIMITED",
            Self::QUOTA_EXCEEDED => "QUOTA_EXCEEDED",
            Self(_) => return None,
        })
    }
}

/// The layer that refused, stored as its number under the same rule as [`Outcome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Layer(pub u16);

impl Layer {
    /// Nothing refused.
    pub const NONE: Self = Self(0);
    /// The secret itself: unproven or retired.
    pub const SECRET: Self = Self(1);
    /// The token's, holder's or organisation's status.
    pub const STATUS: Self = Self(2);
    /// A kill switch.
    pub const KILL_SWITCH: Self = Self(3);
    /// An address rule.
    pub const ADDRESS: Self = Self(4);
    /// The token's scopes.
    pub const SCOPE: Self = Self(5);
    /// The holder's role.
    pub const ROLE: Self = Self(6);
    /// The named team's ceiling.
    pub const TEAM: Self = Self(7);
    /// A binding of the service account.
    pub const BINDING: Self = Self(8);
    /// The organisation's policy.
    pub const POLICY: Self = Self(9);
    /// The organisation's plan.
    pub const PLAN: Self = Self(10);
    /// The parent token.
    pub const PARENT: Self = Self(11);
    /// A rate or a quota.
    pub const LIMIT: Self = Self(12);

    /// The layer's name, or none where nothing refused or this version does not know the number.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SECRET => "secret",
            Self::STATUS => "status",
            Self::KILL_SWITCH => "kill_switch",
            Self::ADDRESS => "address",
            Self::SCOPE => "scope",
            Self::ROLE => "role",
            Self::TEAM => "team",
            Self::BINDING => "binding",
            Self::POLICY => "policy",
            Self::PLAN => "plan",
            Self::PARENT => "parent",
            Self::LIMIT => "limit",
            Self(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_numbers_mean_what_they_always_meant() {
        let codes: Vec<_> = (0..=16).map(|it| Outcome(it).code().unwrap_or("-")).collect();
        assert_eq!(
            codes.join(" "),
            "- VALID NOT_FOUND EXPIRED REVOKED SUSPENDED NOT_YET_VALID HOLDER_INACTIVE \
             ORGANIZATION_LOCKED IP_NOT_ALLOWED INSUFFICIENT_PERMISSIONS RATE_LIMITED \
             QUOTA_EXCEEDED NOT_FOUND NOT_FOUND NOT_FOUND -"
        );
        let layers: Vec<_> = (0..=13).map(|it| Layer(it).name().unwrap_or("-")).collect();
        assert_eq!(
            layers.join(" "),
            "- secret status kill_switch address scope role team binding policy plan parent limit -"
        );
    }
}
