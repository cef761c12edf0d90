//! One build of a view, following its log page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use eventlog::{Limit, Position};
use store::{Row, Sql, SqlError};

use super::database::Database;
use super::outcome::{Stop, another_owner};
use super::pace::{Pace, Spent};
use super::rows::parked::{Apart, ParkedEvent};
use super::{Checkpoint, Entry, EventOf, Key, OnPoison, Page, Poison, Projection, Rows, Source};

/// More facts than this are not folded again at a start.
const MOST_TAKEN_UP: usize = 100_000;

/// After so many facts others get their turn on this thread.
const BETWEEN_YIELDS: usize = 64;

/// One build of a view, and how far it has come.
pub(super) struct Follower<S: Source> {
    projection: Projection<EventOf<S>>,
    source: Arc<S>,
    memory: S::Memory,
    database: Database,
    checkpoint: Checkpoint,
    /// The keys that are set apart.
    apart: Apart,
    /// What may hold instead, while the outcome of a transaction is not known.
    in_doubt: Option<(Checkpoint, Apart)>,
    /// How many of the source's erased subjects are taken out of the rows, since the process started.
    taken_out: usize,
    /// Whether somebody was taken out of the rows and may still be in the files.
    owes_scrub: bool,
}

/// What one transaction's worth of folding came to.
#[derive(Debug)]
pub(super) struct Passed {
    /// The last position that the log had.
    pub(super) head: Position,
    /// What stands against going on.
    pub(super) stopped: Option<Stop>,
}

impl<S: Source> Follower<S> {
    /// Begins where the build behind this writer says, if its checkpoint is one of this log.
    pub(super) async fn begin(
        projection: Projection<EventOf<S>>,
        source: Arc<S>,
        writer: Arc<dyn Sql>,
    ) -> Result<Self, Stop> {
        let lost = |err| Stop::of_sql(&err, Position(0));
        let database = Database::prepare(projection.shape(), source.lane(), writer).await.map_err(lost)?;
        let checkpoint = database.checkpoint().await.map_err(lost)?;
        if checkpoint.position != Position(0) {
            source.check_origin(&checkpoint).await.map_err(Stop::of_source)?;
        }
        let apart = Arc::new(database.parked_keys().await.map_err(lost)?);
        let owes_scrub = database.owes_scrub().await.map_err(lost)?;
        let memory = S::Memory::default();
        let in_doubt = None;
        let mut follower = Self {
            projection,
            source,
            memory,
            database,
            checkpoint,
            apart,
            in_doubt,
            taken_out: 0,
            owes_scrub,
        };
        follower.take_up().await?;
        Ok(follower)
    }

    /// How many keys are set apart.
    pub(super) fn parked(&self) -> u64 {
        self.apart.len() as u64
    }

    /// Folds what was put aside, in order, for the program may be one that can: what it still cannot fold is put
    /// aside again.
    async fn take_up(&mut self) -> Result<(), Stop> {
        if self.apart.is_empty() || self.projection.on_poison == OnPoison::Halt {
            return Ok(());
        }
        let at = self.checkpoint.position;
        let facts =
            self.database.parked_events(MOST_TAKEN_UP + 1).await.map_err(|err| Stop::of_sql(&err, at))?;
        if MOST_TAKEN_UP < facts.len() {
            tracing::warn!(
                most = MOST_TAKEN_UP,
                "too many facts are put aside to be taken up: rebuild the view"
            );
            return Ok(());
        }
        let mut rows = Rows::default();
        rows.take_up(&self.apart, &facts);
        for fact in &facts {
            self.take_up_one(&mut rows, fact).await?;
        }
        let (before, after) = (facts.len(), rows.put_aside_here());
        if after < before {
            tracing::info!(before, after, "facts that were put aside are folded");
            self.commit(rows, Vec::new(), self.checkpoint.clone()).await?;
        }
        Ok(())
    }

    async fn take_up_one(&mut self, rows: &mut Rows, fact: &ParkedEvent) -> Result<(), Stop> {
        let limit = Limit { records: 1, bytes: 0 };
        let page = self.source.page(&fact.before, &mut S::Memory::default(), limit).await;
        let page = page.map_err(Stop::of_source)?;
        let entry = page.entries.first();
        let Some((entry, event)) = entry.and_then(|it| Some((it, it.events().get(fact.number)?))) else {
            return Err(Stop::Discard("a fact that was put aside is not where it was".to_owned()));
        };
        let lacking = rows.lacking(&self.projection, std::iter::once(event));
        let found = self.load(&lacking, entry.position()).await?;
        rows.load(lacking, found);
        rows.fold_again(&self.projection, event, fact).map_err(|it| stop(entry.as_ref(), &it))
    }

    pub(super) fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// How many of the source's erased subjects are taken out of the rows.
    pub(super) fn taken_out(&self) -> usize {
        self.taken_out
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Folds what follows, up to what the pace allows, and writes it.
    pub(super) async fn pass(&mut self, pace: &Pace) -> Result<Passed, Stop> {
        self.settle().await?;
        self.take_out().await?;
        let to = self.checkpoint.clone();
        let mut passed = Passed { head: to.position.max(self.source.head().get()), stopped: None };
        let mut folding = Folding {
            rows: Rows::with(Arc::clone(&self.apart)),
            erased: Vec::new(),
            to,
            spent: Spent::nothing(),
            has_reached: false,
        };
        while passed.stopped.is_none()
            && !pace.is_spent(&folding.spent)
            && pace.reaches(folding.to.position.next())
        {
            let limit = pace.read(&folding.spent);
            let read = match self.source.page(&folding.to, &mut self.memory, limit).await {
                Ok(read) => read,
                Err(err) => {
                    passed.stopped = Some(Stop::of_source(err));
                    break;
                }
            };
            passed.head = read.head;
            self.fold(pace, &mut folding, &read).await.unwrap_or_else(|stop| passed.stopped = Some(stop));
            if folding.has_reached || read.entries.is_empty() || read.head <= folding.to.position {
                break;
            }
        }
        if folding.to.position != self.checkpoint.position {
            self.commit(folding.rows, folding.erased, folding.to).await?;
        }
        if let Err(err) = self.scrub().await {
            passed.stopped.get_or_insert(Stop::of_sql(&err, self.checkpoint.position));
        }
        Ok(passed)
    }

    async fn fold(&self, pace: &Pace, folding: &mut Folding, read: &Page<S::Entry>) -> Result<(), Stop> {
        let events = read.entries.iter().flat_map(|it| it.events());
        let lacking = folding.rows.lacking(&self.projection, events);
        let found = self.load(&lacking, folding.to.position).await?;
        folding.rows.load(lacking, found);
        folding.spent.bytes += read.bytes;
        let mut turn = 0;
        for entry in &read.entries {
            if !pace.reaches(entry.position()) {
                folding.has_reached = true;
                break;
            }
            turn += folding.step(&self.projection, entry.as_ref())?;
            if BETWEEN_YIELDS <= turn {
                if pace.is_spent(&folding.spent) {
                    break;
                }
                turn = 0;
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

    /// Takes out of the rows who was erased since the last page. What this page reads that was opened before somebody
    /// is erased meanwhile, the next one takes out:
    ///
    /// ```text
    /// t0  opens a block of ada's        t1  ada's key goes, what is opened is let go of, ada is on the list
    /// t2  writes ada's address          t3  the next page sees the list, empties its memory, takes it out
    /// ```
    async fn take_out(&mut self) -> Result<(), Stop> {
        let Some(list) = self.source.erased() else { return Ok(()) };
        let news: Vec<String> = list.borrow().get(self.taken_out..).unwrap_or_default().to_vec();
        if news.is_empty() {
            return Ok(());
        }
        self.memory = S::Memory::default();
        let erased = self.database.erase(&news, &self.checkpoint).await;
        self.owes_scrub = erased.map_err(|err| Stop::of_sql(&err, self.checkpoint.position))?;
        self.taken_out += news.len();
        Ok(())
    }

    /// Takes out of the files who is in no row any more; where that does not work it is tried again.
    async fn scrub(&mut self) -> Result<(), SqlError> {
        if self.owes_scrub {
            self.database.scrub().await?;
            self.owes_scrub = false;
        }
        Ok(())
    }

    async fn commit(&mut self, rows: Rows, erased: Vec<String>, to: Checkpoint) -> Result<(), Stop> {
        let apart = rows.apart_then();
        match self.database.commit(&rows, &erased, &self.checkpoint, &to).await {
            Ok(()) => {
                tell(&self.apart, &apart);
                (self.checkpoint, self.apart) = (to, apart);
                self.owes_scrub |= !erased.is_empty();
                Ok(())
            }
            Err(err) => {
                let stop = Stop::of_sql(&err, to.position);
                if matches!(err, SqlError::Unavailable { .. }) {
                    self.in_doubt = Some((to, apart));
                }
                Err(stop)
            }
        }
    }

    /// Finds out whether a transaction without an answer was applied. Folds are pure, so whoever moved
    /// the checkpoint to where we would have moved it wrote the rows that we would have written.
    async fn settle(&mut self) -> Result<(), Stop> {
        let Some((aimed, apart)) = &self.in_doubt else { return Ok(()) };
        let stands = self.database.checkpoint().await;
        let stands = stands.map_err(|err| Stop::of_sql(&err, self.checkpoint.position))?;
        if stands != *aimed && stands != self.checkpoint {
            return Err(another_owner(stands.position));
        }
        if stands == *aimed {
            self.apart = Arc::clone(apart);
        }
        self.checkpoint = stands;
        self.in_doubt = None;
        let owes = self.database.owes_scrub().await;
        self.owes_scrub = owes.map_err(|err| Stop::of_sql(&err, self.checkpoint.position))?;
        Ok(())
    }
}

/// A transaction that is being prepared.
struct Folding {
    rows: Rows,
    /// Who was erased meanwhile.
    erased: Vec<String>,
    to: Checkpoint,
    spent: Spent,
    /// Whether all is folded that the pace lets be.
    has_reached: bool,
}

impl Folding {
    /// Folds one entry; answers what work that was.
    fn step<T: Entry>(&mut self, projection: &Projection<T::Event>, entry: &T) -> Result<usize, Stop> {
        let events = entry.events();
        let folded = match projection.on_poison {
            OnPoison::Halt => self.rows.fold(projection, events),
            OnPoison::Park => self.rows.fold_or_park(projection, events, &self.to, entry.position()),
        };
        folded.map_err(|poison| stop(entry, &poison))?;
        self.erased.extend(entry.erases());
        self.to = entry.pass(&self.to);
        let facts = entry.events().len().max(1);
        self.spent.facts += facts;
        Ok(facts)
    }
}

/// What poison means to a view that does not set keys apart.
fn stop<T: Entry>(entry: &T, poison: &Poison) -> Stop {
    let (at, why) = (entry.position(), format!("{} cannot be folded: {poison}", entry.name()));
    match poison {
        Poison::Unreadable { .. } => Stop::Unreadable { at, why },
        Poison::NoRow(_) | Poison::NotAsked(_) | Poison::TooManyKeys(_) | Poison::Senseless(_) => {
            Stop::Halt { at, why }
        }
    }
}

/// Says it once when the first key is set apart.
fn tell(before: &Apart, after: &Apart) {
    if before.is_empty() && !after.is_empty() {
        let keys = after.len();
        tracing::error!(
            keys,
            "facts cannot be folded: their keys are set apart, and the view goes on without them"
        );
    }
}
