//! What a runner follows: the ledger, or a lane of the usage log.

use std::future::Future;
use std::sync::Arc;

use domain::time::Timestamp;
use eventlog::{Limit, Position};
use tokio::sync::watch;

use super::{Checkpoint, Head};

/// One ordered log, as its projections follow it. A projection follows one.
///
/// A place in it is a [`Position`]: the rank in the ledger, or the number of a usage lane's place.
pub trait Source: Send + Sync + 'static {
    /// What lies at one position.
    type Entry: Entry;
    /// What a reader keeps from page to page so as not to find it out anew, where it reads on at the
    /// same checkpoint. Nothing that is read depends on it: one that begins empty reads the same.
    type Memory: Default + Send + Sync;

    /// The lane: that of the checkpoint's row. The ledger is lane 0.
    fn lane(&self) -> u16;

    /// The end of the log, as it grows.
    fn head(&self) -> Head;

    /// The entries after a checkpoint, in order, without gaps; at least one where there is one. What has
    /// nothing for a view, such as a block that lies in its lane twice, is an entry without events.
    ///
    /// # Errors
    /// When the log has no such position, it cannot be read, or the first entry cannot.
    fn page(
        &self,
        after: &Checkpoint,
        memory: &mut Self::Memory,
        limit: Limit,
    ) -> impl Future<Output = Result<Page<Self::Entry>, SourceError>> + Send;

    /// Whether a checkpoint was made on this log, as far as the log still knows. The runner asks it before it
    /// reads on where another process stopped; never of [`Checkpoint::START`].
    ///
    /// # Errors
    /// [`SourceError::Foreign`] when it was not, or why that cannot be told now.
    fn check_origin(&self, checkpoint: &Checkpoint) -> impl Future<Output = Result<(), SourceError>> + Send;

    /// Who was erased, where others say so than this log: a list that grows, in any order. Whoever has seen a subject
    /// there, and begins to read with an empty memory, reads nothing of it any more.
    fn erased(&self) -> Option<Erased> {
        None
    }

    /// Log time at a position; none where it cannot be read now.
    fn logged_at(&self, position: Position) -> impl Future<Output = Option<Timestamp>> + Send;
}

/// What lies at one position of a log. A view has folded all of it or nothing.
pub trait Entry: Send + Sync + 'static {
    /// What a projector folds.
    type Event: Send + Sync;

    /// Where it lies.
    fn position(&self) -> Position;

    /// The events in it, in order: one of the ledger, any number of a usage block.
    fn events(&self) -> &[Self::Event];

    /// Where a view stands once it has folded this too.
    fn pass(&self, before: &Checkpoint) -> Checkpoint;

    /// The subject that is erased by it, if one is. A view holds nothing of that subject once it has folded this.
    fn erases(&self) -> Option<String> {
        None
    }

    /// How it is called where it makes trouble: `token.issued.v1 evt_…`.
    fn name(&self) -> String;
}

/// A list of erased subjects that grows.
pub type Erased = watch::Receiver<Vec<String>>;

/// The events of a source.
pub type EventOf<S> = <<S as Source>::Entry as Entry>::Event;

/// Some consecutive entries.
#[derive(Clone, Debug)]
pub struct Page<E> {
    /// The entries, in the order of their positions. Empty: there is no more.
    pub entries: Vec<Arc<E>>,
    /// The last position that the log had when the page was read.
    pub head: Position,
    /// How many bytes the entries have in the log.
    pub bytes: usize,
}

/// Why a log could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SourceError {
    /// What lies there cannot be read, now or later.
    #[error("{why}")]
    Damaged {
        /// Where.
        at: Position,
        /// What is wrong with it.
        why: String,
    },
    /// The checkpoint is of another log, or of a later state of this one: the view is worth nothing.
    #[error("{0}")]
    Foreign(String),
    /// The log cannot be read now.
    #[error("{0}")]
    Unavailable(String),
}
