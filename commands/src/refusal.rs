//! Why a command is not obeyed: a rule, which is nobody's fault, or a failure, which is somebody's work.

use crate::fence::FenceError;
use domain::{organization, permission::PermissionName, plan::Plan, platform, scope::Scope, subject, token};
use std::convert::Infallible;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It does not exist, or not for the one who asks.
    #[error("there is no such thing")]
    NotFound,
    /// The credential presented does not grant what this needs.
    #[error("this needs `{0}`")]
    InsufficientScope(PermissionName),
    /// The catalogue does not know these.
    #[error("these scopes name nothing in the catalogue")]
    ScopesUnknown(Vec<Scope>),
    /// The holder is none of the organisation's.
    #[error("there is no such holder in the organisation")]
    HolderUnknown,
    /// A platform operator has no token in an organisation and must say for whom it shall be.
    #[error("an operator issues a token for somebody, never for itself")]
    HolderNeeded,
    /// The plan has a number, and it is reached.
    #[error("the plan {plan} has {limit} live tokens, and {used} live")]
    PlanLimit {
        /// The number.
        limit: u64,
        /// How many there are.
        used: u64,
        /// The plan.
        plan: Plan,
    },
    /// The texts are too long together to be kept in one record.
    #[error("the texts are too long together")]
    TooLarge,
    /// The same idempotency key came with another request.
    #[error("this idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The caller has seen another version.
    #[error("the version is {actual}")]
    VersionMismatch {
        /// The version there is.
        actual: u64,
    },
    /// Five others were faster, one after the other.
    #[error("others changed it at the same time, five times")]
    Contended,
    /// Whoever acts, or is named, is erased: nothing can be recorded of them any more.
    #[error("`{subject}` is erased")]
    Erased {
        /// Who.
        subject: String,
    },
    /// The rules of subjects say no.
    #[error(transparent)]
    Subject(#[from] subject::Rejection),
    /// The rules of tokens say no.
    #[error(transparent)]
    Token(#[from] token::Rejection),
    /// The rules of organisations say no.
    #[error(transparent)]
    Organization(#[from] organization::Rejection),
    /// The rules of members say no.
    #[error(transparent)]
    Member(#[from] domain::member::Rejection),
    /// The rules of the platform say no.
    #[error(transparent)]
    Platform(#[from] platform::Rejection),
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<Infallible> for Refusal {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The ledger or the state does not answer; nothing was done, or it is not known whether.
    #[error("the {engine} is unavailable: {why}")]
    Unavailable {
        /// Which engine.
        engine: &'static str,
        /// What it said.
        why: String,
    },
    /// There is no space left for facts.
    #[error("there is no space left on the ledger's disk")]
    Full,
    /// It is done, but not every gate is known to know: asking again waits again.
    #[error(transparent)]
    Fence(#[from] FenceError),
    /// What is stored cannot be read, or what shall be stored cannot be written.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    pub(crate) fn ledger(why: impl Into<String>) -> Self {
        Self::Unavailable { engine: "ledger", why: why.into() }
    }

    pub(crate) fn state(why: impl Into<String>) -> Self {
        Self::Unavailable { engine: "state", why: why.into() }
    }
}
