//! The end of a log, as it grows.

use eventlog::Position;
use eventlog::usage::Place;
use tokio::sync::watch;

/// The last position of a log: a hint that may lag, but not for ever, and never falls. Cloning it is cheap.
#[derive(Clone)]
pub enum Head {
    /// The ledger's.
    Ledger(watch::Receiver<Position>),
    /// A usage lane's.
    Usage(watch::Receiver<Place>),
}

/// Nobody tells any more where the log ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the log is closed")]
pub struct Closed;

impl Head {
    /// The last position, as far as it is known now.
    pub fn get(&self) -> Position {
        match self {
            Self::Ledger(head) => *head.borrow(),
            Self::Usage(head) => Position(head.borrow().0),
        }
    }

    /// Waits until there is more than that.
    ///
    /// # Errors
    /// When the log is closed.
    pub async fn beyond(&mut self, position: Position) -> Result<(), Closed> {
        let grown = match self {
            Self::Ledger(head) => head.wait_for(|it| position < *it).await.map(drop),
            Self::Usage(head) => head.wait_for(|it| position.0 < it.0).await.map(drop),
        };
        grown.map_err(|_| Closed)
    }

    /// Waits until it has moved since this was last waited for.
    ///
    /// # Errors
    /// When the log is closed.
    pub(super) async fn changed(&mut self) -> Result<(), Closed> {
        let changed = match self {
            Self::Ledger(head) => head.changed().await,
            Self::Usage(head) => head.changed().await,
        };
        changed.map_err(|_| Closed)
    }
}
