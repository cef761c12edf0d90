//! Why the gate does not follow, or does not answer.

use domain::{
    ids::{OrganizationId, TokenId},
    secret::{KeyId, SecretId},
    stream::StreamId,
};
use eventlog::Position;

use super::Behind;

/// A fact did not fit what the gate knew. From then on it answers nothing: refusing is safe, guessing is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the gate cannot follow the ledger beyond position {position}")]
pub struct Damage {
    /// The position of the fact.
    pub position: Position,
    /// What did not fit.
    #[source]
    pub why: Misfit,
}

/// What did not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A fact lies in the stream of another kind of thing.
    #[error("the fact does not belong to the stream `{0}`")]
    Stream(StreamId),
    /// An organisation is registered twice.
    #[error("the organisation `{0}` is registered twice")]
    OrganizationExists(OrganizationId),
    /// A fact names an organisation that was never registered, or none where there must be one.
    #[error("a fact of `{0}` belongs to no organisation that is registered")]
    OrganizationUnknown(StreamId),
    /// A member is added twice.
    #[error("the member of `{0}` is added twice")]
    MemberExists(StreamId),
    /// A token is issued twice.
    #[error("the token `{0}` is issued twice")]
    TokenExists(TokenId),
    /// A fact concerns a token that was never issued.
    #[error("the token `{0}` was never issued")]
    TokenUnknown(TokenId),
    /// Two secrets have one id.
    #[error("the secret `{0}` exists twice")]
    SecretExists(SecretId),
    /// The secret that a rotation replaces is not the token's current one.
    #[error("the secret `{0}` is not the current one of its token")]
    SecretNotCurrent(SecretId),
    /// A digest was made under a pepper that this deployment does not have.
    #[error("the pepper `{}` is not among the keys", .0.as_str())]
    PepperUnknown(KeyId),
    /// There are more things of a kind than the gate can number.
    #[error("there are more than {} things of a kind", u32::MAX)]
    Full,
}

/// Why the gate answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A fact did not fit: it never answers again.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// It has been behind the ledger for too long: it answers again when it has caught up.
    #[error(transparent)]
    Behind(#[from] Behind),
}

/// Why facts were not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The facts do not follow what was applied before; nothing was applied.
    #[error("position {expected} comes next, not {found}")]
    Gap {
        /// The position that would follow.
        expected: Position,
        /// The position that came.
        found: Position,
    },
    /// A fact does not fit, now or before.
    #[error(transparent)]
    Damaged(#[from] Damage),
}
