//! One build of a view, following the feed page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use eventlog::{Limit, Position};
use store::{Row, SqlError};

use super::checkpoint::Checkpoint;
use super::database::Database;
use super::outcome::{Stop, another_owner};
use super::pace::{Pace, Spent};
use super::{Key, Poison, Projection, Rows};
use crate::feed::{Event, Feed, FeedPage};

/// After so many facts others get their turn on this thread.
const BETWEEN_YIELDS: usize = 64;

/// One build of a view, and how far it has come.
pub(super) struct Follower {
    projection: Projection,
    feed: Arc<Feed>,
    database: Database,
    checkpoint: Checkpoint,
    /// Where the checkpoint may be, while the outcome of a transaction is not known.
    in_doubt: Option<Checkpoint>,
}

/// What one transaction's worth of folding came to.
#[derive(Debug)]
pub(super) struct Passed {
    /// The last position that the ledger had.
    pub(super) head: Position,
    /// What stands against going on.
    pub(super) stopped: Option<Stop>,
}

impl Follower {
    /// Begins where the build's checkpoint says, if it is one of this ledger.
    pub(super) async fn begin(
        projection: Projection,
        feed: Arc<Feed>,
        database: Database,
    ) -> Result<Self, Stop> {
        let checkpoint = database.checkpoint().await.map_err(|err| Stop::of_sql(&err, Position(0)))?;
        let follower = Self { projection, feed, database, checkpoint, in_doubt: None };
        follower.check_origin().await?;
        Ok(follower)
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Folds what follows, up to what the pace allows, and writes it.
    pub(super) async fn pass(&mut self, pace: &Pace) -> Result<Passed, Stop> {
        self.settle().await?;
        let from = self.checkpoint;
        let mut folding = Folding { rows: Rows::default(), to: from, spent: Spent::nothing() };
        let head = from.position.max(*self.feed.head().borrow());
        let mut passed = Passed { head, stopped: None };
        while passed.stopped.is_none() && !pace.is_spent(&folding.spent) {
            let limit = pace.read(&folding.spent);
            let read = match self.feed.page(folding.to.position, limit).await {
                Ok(read) => read,
                Err(err) => {
                    passed.stopped = Some(Stop::of_feed(&err, folding.to.position));
                    break;
                }
            };
            passed.head = read.head;
            self.fold(pace, &mut folding, &read).await.unwrap_or_else(|stop| passed.stopped = Some(stop));
            if read.events.is_empty() || read.head <= folding.to.position {
                break;
            }
        }
        self.commit(&folding.rows, from, folding.to).await?;
        Ok(passed)
    }

    async fn fold(&self, pace: &Pace, folding: &mut Folding, read: &FeedPage) -> Result<(), Stop> {
        let events = read.events.iter().map(Arc::as_ref);
        let lacking = folding.rows.lacking(&self.projection, events);
        let found = self.load(&lacking, folding.to.position).await?;
        folding.rows.load(lacking, found);
        folding.spent.bytes += read.bytes;
        for event in &read.events {
            folding.step(&self.projection, event)?;
            if folding.spent.facts.is_multiple_of(BETWEEN_YIELDS) {
                if pace.is_spent(&folding.spent) {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn load(&self, keys: &BTreeSet<Key>, at: Position) -> Result<Vec<(Key, Row)>, Stop> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.database.load(keys).await.map_err(|err| Stop::of_sql(&err, at))
    }

    async fn commit(&mut self, rows: &Rows, from: Checkpoint, to: Checkpoint) -> Result<(), Stop> {
        if to.position == from.position {
            return Ok(());
        }
        match self.database.commit(rows, from, to).await {
            Ok(()) => {
                self.checkpoint = to;
                Ok(())
            }
            Err(err) => {
                if matches!(err, SqlError::Unavailable { .. }) {
                    self.in_doubt = Some(to);
                }
                Err(Stop::of_sql(&err, to.position))
            }
        }
    }

    /// Finds out whether a transaction without an answer was applied. Folds are pure, so whoever moved
    /// the checkpoint to where we would have moved it wrote the rows that we would have written.
    async fn settle(&mut self) -> Result<(), Stop> {
        let Some(aimed) = self.in_doubt else { return Ok(()) };
        let stands = self.database.checkpoint().await;
        let stands = stands.map_err(|err| Stop::of_sql(&err, self.checkpoint.position))?;
        if stands != aimed && stands != self.checkpoint {
            return Err(another_owner(stands.position));
        }
        self.checkpoint = stands;
        self.in_doubt = None;
        Ok(())
    }

    /// A view of another ledger, or of a later state of this one, is worth nothing.
    async fn check_origin(&self) -> Result<(), Stop> {
        let Checkpoint { position, leaf, .. } = self.checkpoint;
        let Some(before) = position.0.checked_sub(1) else { return Ok(()) };
        let page = self.feed.page(Position(before), Limit { records: 1, bytes: 0 }).await;
        let page = page.map_err(|err| Stop::of_feed(&err, position))?;
        match page.events.first() {
            Some(event) if event.leaf == leaf => Ok(()),
            Some(_) => Err(Stop::Discard(format!("the view comes from another ledger: at {position}"))),
            None => Err(Stop::Discard(format!("the view is at {position}, beyond the ledger's head"))),
        }
    }
}

/// A transaction that is being prepared.
struct Folding {
    rows: Rows,
    to: Checkpoint,
    spent: Spent,
}

impl Folding {
    fn step(&mut self, projection: &Projection, event: &Event) -> Result<(), Stop> {
        self.rows.fold(projection, event).map_err(|poison| {
            let why = format!("{} {} cannot be folded: {poison}", event.kind, event.recorded.id);
            match poison {
                Poison::Unreadable { .. } => Stop::Unreadable { at: event.position, why },
                Poison::NoRow(_) | Poison::NotAsked(_) | Poison::TooManyKeys(_) | Poison::Senseless(_) => {
                    Stop::Halt { at: event.position, why }
                }
            }
        })?;
        self.to = self.to.after(event);
        self.spent.facts += 1;
        Ok(())
    }
}
