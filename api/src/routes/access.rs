//! Who may call an operation.

use super::Needs;
use crate::problem::Code;

/// What a caller must show. It is asked for before anything else of the request is read, so that who may not ask
/// learns nothing about what could be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// Any live credential.
    Caller,
    /// A permission, in an organisation.
    Organization(Needs),
    /// The same, unless the token named in the path, as `id`, is the caller's own.
    OrganizationOrItself(Needs),
    /// A permission of the platform. An organisation that the caller names besides is nothing to it.
    Platform(Needs),
    /// One permission in an organisation, another for the platform as a whole.
    Either {
        /// In an organisation.
        organization: Needs,
        /// Where none is named by who spans several.
        platform: Needs,
    },
}

/// What any credential may be answered on its way in.
const ON_THE_WAY_IN: &[Code] = &[
    Code::OrganizationRequired,
    Code::TokenMissing,
    Code::TokenInvalid,
    Code::TokenExpired,
    Code::TokenRevoked,
    Code::TokenSuspended,
    Code::TokenNotYetValid,
    Code::HolderInactive,
    Code::InsufficientScope,
    Code::IpNotAllowed,
    Code::OrganizationLocked,
    Code::OrganizationSuspended,
    Code::RateLimited,
    Code::QuotaExceeded,
    Code::TooManyFailures,
    Code::NotReady,
    Code::Overloaded,
    Code::LogUnavailable,
    Code::NodeLeaseLost,
];

impl Access {
    /// The problems that come from the credential alone.
    pub(crate) fn codes(self) -> impl Iterator<Item = Code> {
        let credential = if self == Self::Open { &[] } else { ON_THE_WAY_IN };
        credential.iter().copied()
    }

    /// The permission that most callers need, as the description shows it.
    pub(crate) fn permission(self) -> Option<Needs> {
        self.needed(true)
    }

    /// The permission that a caller needs, who acts in an organisation or not.
    pub(crate) fn needed(self, in_organization: bool) -> Option<Needs> {
        match self {
            Self::Open | Self::Caller => None,
            Self::Organization(needs) | Self::OrganizationOrItself(needs) | Self::Platform(needs) => {
                Some(needs)
            }
            Self::Either { organization, platform } => {
                Some(if in_organization { organization } else { platform })
            }
        }
    }
}
