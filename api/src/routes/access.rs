//! Who may call an operation.

use crate::problem::Code;

/// What a caller must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// Any live credential.
    Caller,
    /// A live credential whose effective permissions cover this one.
    Permission(&'static str),
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
    Code::IpNotAllowed,
    Code::OrganizationLocked,
    Code::OrganizationSuspended,
    Code::RateLimited,
    Code::QuotaExceeded,
    Code::TooManyFailures,
    Code::NotReady,
    Code::Overloaded,
    Code::NodeLeaseLost,
];

impl Access {
    /// The problems that come from the credential alone.
    pub(crate) fn codes(self) -> impl Iterator<Item = Code> {
        let credential = if self == Self::Open { &[] } else { ON_THE_WAY_IN };
        let permission = matches!(self, Self::Permission(_)).then_some(Code::InsufficientScope);
        credential.iter().copied().chain(permission)
    }
}
