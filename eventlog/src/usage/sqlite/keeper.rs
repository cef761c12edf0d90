//! The one writer: a thread that stores block after block, and tidies up when nobody waits.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    Shared,
    ballast::{Ballast, Step},
    file,
    folder::{has_write_ahead_log, length},
    hash::{BlockHash, Last},
    mark::Mark,
    rows::Slot,
    start::{Opened, Today},
    trouble::Trouble,
};
use crate::{
    sqlite::{Inbox, MarkFile, Next, Status, beside, fold_in_the_log, try_fold},
    usage::{AppendError, Lane, NewBlock, Place},
};

/// How long the writer rests from tidying up when there is nothing that it can do.
const REST: Duration = Duration::from_millis(250);

/// A block on its way to the writer.
pub(super) struct Request {
    pub(super) lane: Lane,
    pub(super) block: NewBlock,
    pub(super) answer: oneshot::Sender<Result<Place, AppendError>>,
}

/// The log as its one writer sees it.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    status: Arc<Status>,
    today: Option<Today>,
    /// The days before, as long as their write-ahead logs are not folded.
    over: Vec<Today>,
    /// Files whose companions stayed, because somebody reads them.
    untidy: Vec<PathBuf>,
    lasts: Vec<Last>,
    mark: MarkFile,
    ballast: Ballast,
}

impl Keeper {
    pub(super) fn new(opened: Opened, shared: Arc<Shared>, ballast: Ballast, status: Arc<Status>) -> Self {
        let Opened { today, lasts, mark, .. } = opened;
        Self { shared, status, today, over: Vec::new(), untidy: Vec::new(), lasts, mark, ballast }
    }

    /// Serves until nobody can ask any more.
    pub(super) fn work(mut self, mut inbox: Inbox<Request>) -> Self {
        let mut due = Instant::now();
        loop {
            match inbox.next_within(due.saturating_duration_since(Instant::now())) {
                Next::Request(Request { lane, block, answer }) => {
                    // A caller that has gone away needs no answer.
                    let _ = answer.send(self.append(lane, &block));
                }
                Next::Nothing => due = Instant::now() + self.tidy(),
                Next::End => return self,
            }
        }
    }

    fn append(&mut self, lane: Lane, block: &NewBlock) -> Result<Place, AppendError> {
        if let Some(why) = self.status.stopped() {
            return Err(AppendError::Unavailable(why));
        }
        self.status.begin();
        let stored = match self.store(lane, block) {
            // Others may take what is released; then it was all in vain, and the disk is full.
            Err(Trouble::Full) if self.ballast.release() => self.store(lane, block),
            stored => stored,
        };
        self.status.done();
        match stored {
            Ok(last) => {
                self.announce(lane, last);
                Ok(last.place)
            }
            Err(trouble) => Err(trouble.noted(&self.status)),
        }
    }

    /// The mark first, then followers, then the caller: whatever anybody has seen, the next start
    /// will miss if it is gone; and who has an answer can read what he wrote.
    fn announce(&mut self, lane: Lane, last: Last) {
        self.mark.note(&Mark { lane, last }.encode());
        if let Some(known) = self.lasts.get_mut(usize::from(lane.0)) {
            *known = last;
        }
        self.shared.announce(lane, last.place);
    }

    fn store(&mut self, lane: Lane, block: &NewBlock) -> Result<Last, Trouble> {
        let before =
            self.lasts.get(usize::from(lane.0)).ok_or(Trouble::Passing(AppendError::NoLane(lane)))?;
        // One file is written at a time: no lane goes back behind the others' day.
        let day = block.day.max(self.today.as_ref().map_or(0, |it| it.day));
        let place = before.place.following(day);
        let last = Last { place, hash: BlockHash::of(lane, place, &block.bytes) };
        let connection = self.connection(place.day())?;
        let insert = |rows: &Connection| file::insert(rows, Slot::of(lane, place), last, &block.bytes);
        commit(connection, insert).map_err(|it| self.shared.look_at(it)).map(|()| last)
    }

    /// The file of a day, which is begun if it is later than the one that is written.
    fn connection(&mut self, day: u32) -> Result<&Connection, Trouble> {
        if self.today.as_ref().is_none_or(|it| it.day < day) {
            let path = self.shared.folder.day(day);
            let begun = file::begin(&path, &self.lasts);
            let connection =
                begun.map_err(|fault| self.shared.look_at(Trouble::at_beginning(&path, fault)))?;
            self.shared.add_day(day);
            self.over.extend(self.today.replace(Today { day, connection }));
        }
        match &self.today {
            Some(today) => Ok(&today.connection),
            None => Err(Trouble::Passing(AppendError::Unavailable("no day is begun".to_owned()))),
        }
    }

    /// Does one small thing that waits to be done; says when to come again.
    fn tidy(&mut self) -> Duration {
        if self.status.stopped().is_some() {
            return REST;
        }
        self.fold_days_that_are_over();
        match self.ballast.restore() {
            Step::Grown => Duration::ZERO,
            Step::Whole | Step::NoRoom => REST,
        }
    }

    fn fold_days_that_are_over(&mut self) {
        for Today { day, connection } in std::mem::take(&mut self.over) {
            if !try_fold(&connection) {
                self.over.push(Today { day, connection });
                continue;
            }
            fold_in_the_log(connection);
            let path = self.shared.folder.day(day);
            if 0 < length(&beside(&path, "-shm")) {
                self.untidy.push(path);
            }
        }
    }

    /// Folds all write-ahead logs. Only for a log of which everything is certain.
    pub(super) fn leave(self) {
        if self.status.stopped().is_some() {
            tracing::warn!("the usage log's last commit failed: its files stay as they are");
            return;
        }
        for Today { connection, .. } in self.over.into_iter().chain(self.today) {
            fold_in_the_log(connection);
        }
        // Nobody reads them any more.
        for path in self.untidy.into_iter().filter(|path| !has_write_ahead_log(path)) {
            if let Ok(Some(connection)) = file::open_to_write(&path) {
                fold_in_the_log(connection);
            }
        }
    }
}

/// One transaction for one block.
fn commit(
    connection: &Connection,
    insert: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<(), Trouble> {
    let run = |statement| connection.prepare_cached(statement)?.execute([]).map(drop);
    run("BEGIN IMMEDIATE").map_err(|err| Trouble::nothing_stored(&err))?;
    if let Err(err) = insert(connection) {
        return Err(match roll_back(connection) {
            Ok(()) => Trouble::nothing_stored(&err),
            Err(unfinished) => Trouble::unknown(&unfinished),
        });
    }
    let Err(err) = run("COMMIT") else { return Ok(()) };
    match roll_back(connection) {
        Ok(()) => Trouble::of_commit(&err),
        Err(unfinished) => Err(Trouble::unknown(&unfinished)),
    }
}

fn roll_back(connection: &Connection) -> rusqlite::Result<()> {
    // SQLite has rolled back by itself after some errors.
    if connection.is_autocommit() {
        return Ok(());
    }
    connection.execute_batch("ROLLBACK")
}
