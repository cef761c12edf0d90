//! How the gate follows the ledger.

use std::{convert::Infallible, future::pending, sync::Arc};

use eventlog::{Limit, Position};
use tokio::{sync::Mutex, time::Instant};

use super::{ApplyError, Gate};
use crate::feed::{Feed, FeedError};

/// What is read at once: little enough that those who ask hardly wait while it is applied.
const PAGE: Limit = Limit { records: 256, bytes: 1024 * 1024 };

/// Keeps a gate up to date with a feed.
pub struct GateFollower {
    gate: Arc<Gate>,
    feed: Arc<Feed>,
    /// Only who holds it reads and applies; whoever waits for it finds the work done.
    turn: Mutex<()>,
}

/// Why the gate is not where it should be.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// What was read cannot be applied.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The ledger ends before that position.
    #[error("position {asked} lies beyond the head of the ledger, {head}")]
    BeyondHead {
        /// The position asked for.
        asked: Position,
        /// The last position of the ledger.
        head: Position,
    },
}

impl GateFollower {
    /// Follows that feed for that gate.
    pub fn new(gate: Arc<Gate>, feed: Arc<Feed>) -> Self {
        Self { gate, feed, turn: Mutex::new(()) }
    }

    /// The gate that follows.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Brings the gate to at least that position, by whoever comes first for all who wait. It may be dropped at any
    /// moment; how long to wait is the caller's to say.
    ///
    /// # Errors
    /// When the ledger ends before it or cannot be read, or the gate is damaged.
    pub async fn reach(&self, position: Position) -> Result<(), ReachError> {
        if position <= self.gate.position() {
            return Ok(());
        }
        // Whoever has the turn may be stuck.
        self.note();
        let _turn = self.turn.lock().await;
        if position <= self.gate.position() {
            return Ok(());
        }
        let head = self.read_to_head().await?;
        if head < position { Err(ReachError::BeyondHead { asked: position, head }) } else { Ok(()) }
    }

    /// Brings the gate to the head that the ledger has now; gives the position reached.
    ///
    /// # Errors
    /// When the ledger cannot be read, or the gate is damaged.
    pub async fn catch_up(&self) -> Result<Position, ReachError> {
        self.note();
        let _turn = self.turn.lock().await;
        self.read_to_head().await
    }

    /// Follows the ledger as its head moves, until the ledger is closed. Meanwhile the gate knows that it is behind
    /// as soon as it is, also while a read does not end.
    ///
    /// # Errors
    /// As [`catch_up`](Self::catch_up); it may be called again.
    pub async fn follow(&self) -> Result<(), ReachError> {
        tokio::select! {
            ended = self.keep_up() => ended,
            never = self.watch() => match never {},
        }
    }

    async fn keep_up(&self) -> Result<(), ReachError> {
        let mut head = self.feed.head();
        loop {
            head.borrow_and_update();
            self.catch_up().await?;
            if head.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    async fn watch(&self) -> Infallible {
        let mut head = self.feed.head();
        loop {
            head.borrow_and_update();
            self.note();
            if head.changed().await.is_err() {
                return pending().await;
            }
        }
    }

    async fn read_to_head(&self) -> Result<Position, ReachError> {
        loop {
            let (asked, head) = (Instant::now(), self.head());
            let page = self.feed.page(self.gate.position(), PAGE).await?;
            self.gate.apply(&page.events)?;
            let position = self.gate.position();
            if head <= position {
                self.gate.freshness.note_current_at(asked, || self.is_behind());
            }
            if page.events.is_empty() || page.head <= position {
                return Ok(position);
            }
        }
    }

    fn note(&self) {
        self.gate.freshness.note(|| self.is_behind());
    }

    fn is_behind(&self) -> bool {
        self.gate.position() < self.head()
    }

    fn head(&self) -> Position {
        *self.feed.head().borrow()
    }
}
