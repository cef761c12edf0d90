//! What a worker is to its runner.

use async_trait::async_trait;
use commands::refusal::Refusal;
use domain::time::Timestamp;
use eventlog::ReadError;
use projections::runner::{QueryError, WaitError};

/// One reaction: it looks at what is and does what is missing.
///
/// It is run at the start, at any news of the ledger, by the clock and by a period, so it must not matter how often:
/// what is so already yields nothing. It may be dropped at any moment.
#[async_trait]
pub trait Reconciler: Send + Sync + 'static {
    /// The name: in logs, and as the actor of the facts that it adds.
    fn name(&self) -> &'static str;

    /// Looks and acts; says when to look again at the latest.
    ///
    /// # Errors
    /// When something is still to be done and could not be: it is tried again, later each time.
    async fn reconcile(&self) -> Result<Wake, ReconcileError>;
}

/// When a worker wants to be woken, besides by news and by the period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// Not before there is news.
    OnNews,
    /// At this instant of the ledger clock, too.
    At(Timestamp),
}

/// Why a worker could not do what is to be done.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// A command was not obeyed.
    #[error("a command was not obeyed")]
    Refused(#[from] Refusal),
    /// The view that says what is to be done cannot be read.
    #[error("the view cannot be read")]
    View(#[from] QueryError),
    /// The view that says what is to be done does not follow the ledger.
    #[error("the view does not follow the ledger")]
    Behind(#[from] WaitError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] ReadError),
}
