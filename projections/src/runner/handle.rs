//! What others hold of a running projection.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::JobId;
use eventlog::Position;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::rebuilds::Desk;
use super::{Head, Progress, Rebuild, RebuildRefused, State, Status};

/// Why a projection has not reached a position.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WaitError {
    /// It has not come that far in time.
    #[error("the view `{name}` is at position {reached}, not yet at {asked}")]
    Behind {
        /// The projection.
        name: &'static str,
        /// The position asked for.
        asked: Position,
        /// The position it has.
        reached: Position,
    },
    /// It stands still before that position.
    #[error("the view `{name}` stands still at position {reached}, before {asked}")]
    Halted {
        /// The projection.
        name: &'static str,
        /// The position asked for.
        asked: Position,
        /// The position it has.
        reached: Position,
    },
    /// The log itself has no such position.
    #[error("position {asked} is beyond the end of the log, {head}")]
    Beyond {
        /// The position asked for.
        asked: Position,
        /// The last position there is.
        head: Position,
    },
}

/// Why a reader does not trust a view, with what it has met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Doubt {
    /// The engine says that the view's database is damaged.
    Damage(String),
    /// A row does not read as what was written.
    Row(String),
}

/// What somebody wants of a running projection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Request {
    /// Build it again beside what is served: the desk says so, and this wakes the task.
    Rebuild,
    /// Mend it.
    Distrust(Doubt),
}

/// A running projection, to be asked and waited for. Cloning it is cheap.
#[derive(Clone)]
pub struct Handle {
    pub(super) status: watch::Receiver<Status>,
    pub(super) head: Head,
    pub(super) requests: mpsc::Sender<Request>,
    pub(super) desk: Arc<Desk>,
}

impl Handle {
    /// Where the projection stands now. One whose task has ended is halted, whatever it said last, and the
    /// head is the log's own, so that a task that is dead does not look well.
    pub fn status(&self) -> Status {
        let mut status = self.status.borrow().clone();
        status.head = status.head.max(self.head.get());
        if self.status.has_changed().is_err() {
            status.state = State::Halted;
            status.reason.get_or_insert_with(|| "its task has ended".to_owned());
        }
        status
    }

    /// The position of what readers see now.
    pub fn position(&self) -> Position {
        self.status.borrow().position
    }

    /// Waits until readers see that position; answers the one that they see then, which may be later.
    ///
    /// # Errors
    /// When that is not so in time, or at once when the projection stands still before it.
    pub async fn wait_for(&self, position: Position, patience: Duration) -> Result<Position, WaitError> {
        let mut status = self.status.clone();
        let is_over = |it: &Status| position <= it.position || it.state == State::Halted;
        // What ends the waiting otherwise is found in the status below.
        let _ = timeout(patience, status.wait_for(is_over)).await;
        let now = self.status();
        let (name, asked, reached, head) = (now.name, position, now.position, self.head.get());
        if asked <= reached {
            return Ok(reached);
        }
        Err(match now.state {
            _ if head < asked => WaitError::Beyond { asked, head },
            State::Halted => WaitError::Halted { name, asked, reached },
            State::Live | State::CatchingUp | State::Rebuilding => WaitError::Behind { name, asked, reached },
        })
    }

    /// Has the view built again beside what is served, compared with it, and swapped in. A halted projection starts
    /// again so. The same wish again is answered by what has become of it.
    ///
    /// # Errors
    /// When another rebuild is under way, when this version is not served yet, or when the task has ended.
    pub fn rebuild(&self, id: JobId) -> Result<Rebuild, RebuildRefused> {
        let is_known = self.last_rebuild().is_some_and(|it| it.id == id);
        if !is_known && self.requests.is_closed() {
            return Err(RebuildRefused::Ended);
        }
        if !is_known && self.desk.served() != Some(self.status.borrow().version) {
            return Err(RebuildRefused::BeingBuilt);
        }
        let (rebuild, is_new) = self.desk.ask(id)?;
        if is_new {
            self.request(Request::Rebuild);
        }
        Ok(rebuild)
    }

    /// The last rebuild that somebody asked for since the process started.
    pub fn last_rebuild(&self) -> Option<Rebuild> {
        self.desk.rebuild()
    }

    /// Whether readers see another version than the one that this program builds.
    pub(super) fn serves_older(&self) -> bool {
        self.desk.served().is_some_and(|it| it != self.status.borrow().version)
    }

    /// How far the build is that readers do not see yet, while one is made.
    pub fn progress(&self) -> Option<Progress> {
        self.desk.progress()
    }

    /// Has the view mended. Damage is looked for, and a view where it is found is discarded; else, and for a row
    /// that cannot be read, the view is built again beside what is served, at most once a minute.
    pub fn distrust(&self, doubt: Doubt) {
        self.request(Request::Distrust(doubt));
    }

    fn request(&self, request: Request) {
        // A full queue holds the same wish already; a closed one means that the task has ended.
        let _ = self.requests.try_send(request);
    }
}
