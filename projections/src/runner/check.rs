//! The law of every view, for the tests of each: what it holds is what its facts amount to.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eventlog::{EventLog, Position};
use proptest::prelude::*;
use store::{SqliteViews, Views};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::follower::Follower;
use super::pace::Pace;
use super::{Dump, EventOf, Handle, Projection, Runner, Source, View, fold_into_memory};
use crate::feed::Feed;
use crate::testing::{Ledger, Usage};

/// How a ledger is cut: so many facts a transaction, and whether the process starts anew after it.
pub(crate) type Cut = (usize, bool);

/// Some cuts, used in turn.
pub(crate) fn some_cuts() -> impl Strategy<Value = Vec<Cut>> {
    proptest::collection::vec((1_usize..12, proptest::bool::weighted(0.2)), 1..6)
}

/// Folds the ledger into SQLite cut in that way, and compares all rows, byte for byte, with one fold from
/// the first fact on in SQLite, and with one in memory. Answers the rows.
pub(crate) async fn check_rebuild(projection: Projection, ledger: &Ledger, cuts: &[Cut]) -> Dump {
    check_rebuild_of(projection, &ledger.feed, cuts).await
}

/// The same of any log.
pub(crate) async fn check_rebuild_of<S: Source>(
    projection: Projection<EventOf<S>>,
    source: &Arc<S>,
    cuts: &[Cut],
) -> Dump {
    let live = folded(projection, source, cuts).await;
    let rebuilt = folded(projection, source, &[(usize::MAX, false)]).await;
    let in_memory = fold_into_memory(&projection, source.as_ref(), source.head().get()).await.unwrap();
    assert_eq!(live.difference(&rebuilt), None, "the live view differs from the one built again");
    assert_eq!(live.difference(&in_memory), None, "the view differs from what is folded in memory");
    assert_eq!(live.bytes(), rebuilt.bytes());
    assert_eq!(live.bytes(), in_memory.bytes());
    live
}

async fn folded<S: Source>(projection: Projection<EventOf<S>>, source: &Arc<S>, cuts: &[Cut]) -> Dump {
    let place = tempfile::tempdir().unwrap();
    let mut follower = opened(place.path(), projection, source).await;
    for (facts, restarts) in cuts.iter().cycle() {
        let passed = follower.pass(&Pace::of_at_most(*facts)).await.unwrap();
        assert_eq!(passed.stopped, None);
        if source.head().get() <= follower.checkpoint().position {
            break;
        }
        if *restarts {
            drop(follower);
            follower = opened(place.path(), projection, source).await;
        }
    }
    follower.database().index().await.unwrap();
    follower.database().dump().await.unwrap()
}

async fn opened<S: Source>(
    folder: &Path,
    projection: Projection<EventOf<S>>,
    source: &Arc<S>,
) -> Follower<S> {
    let views = SqliteViews::open(folder).unwrap();
    let writer = views.writer(projection.name, projection.version).await.unwrap();
    Follower::begin(projection, Arc::clone(source), writer).await.unwrap()
}

/// A view that is folded by hand, while things happen.
pub(crate) struct Live<S: Source = Feed> {
    place: tempfile::TempDir,
    projection: Projection<EventOf<S>>,
    follower: Option<Follower<S>>,
}

impl Live {
    pub(crate) async fn begin(projection: Projection, ledger: &Ledger) -> Self {
        Self::begin_on(projection, &ledger.feed).await
    }

    /// Folds so many facts, if there are as many.
    pub(crate) async fn fold(&mut self, ledger: &Ledger, facts: usize) {
        self.fold_from(&ledger.feed, facts).await;
    }

    /// As a process that starts anew.
    pub(crate) async fn restart(&mut self, ledger: &Ledger) {
        self.restart_on(&ledger.feed).await;
    }
}

impl<S: Source> Live<S> {
    pub(crate) async fn begin_on(projection: Projection<EventOf<S>>, source: &Arc<S>) -> Self {
        let place = tempfile::tempdir().unwrap();
        let follower = Some(opened(place.path(), projection, source).await);
        Self { place, projection, follower }
    }

    /// Folds so many entries, if there are as many; and takes out who was erased, also where there are none.
    pub(crate) async fn fold_from(&mut self, source: &Arc<S>, entries: usize) {
        let follower = self.follower.as_mut().unwrap();
        loop {
            assert_eq!(follower.pass(&Pace::of_at_most(entries)).await.unwrap().stopped, None);
            if entries != usize::MAX || source.head().get() <= follower.checkpoint().position {
                return;
            }
        }
    }

    pub(crate) async fn restart_on(&mut self, source: &Arc<S>) {
        drop(self.follower.take());
        self.follower = Some(opened(self.place.path(), self.projection, source).await);
    }

    pub(crate) async fn dump(&self) -> Dump {
        self.follower.as_ref().unwrap().database().dump().await.unwrap()
    }

    /// Whether any of its files holds that text.
    pub(crate) fn files_hold(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.place.path()).unwrap();
        let bytes = files.map(|it| std::fs::read(it.unwrap().path()).unwrap());
        bytes.flatten().collect::<Vec<u8>>().windows(text.len()).any(|it| it == text.as_bytes())
    }
}

/// A projection that runs over a folder of its own.
pub(crate) struct Running {
    pub(crate) views: Arc<dyn Views>,
    pub(crate) handle: Handle,
    pub(crate) task: JoinHandle<()>,
    pub(crate) shutdown: watch::Sender<bool>,
    pub(crate) place: tempfile::TempDir,
}

impl Running {
    pub(crate) fn start(projection: Projection, ledger: &Ledger) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), projection, ledger)
    }

    pub(crate) fn start_in(place: tempfile::TempDir, projection: Projection, ledger: &Ledger) -> Self {
        let views: Arc<dyn Views> = Arc::new(SqliteViews::open(place.path()).unwrap());
        Self::start_over(views, place, projection, ledger)
    }

    pub(crate) fn start_over(
        views: Arc<dyn Views>,
        place: tempfile::TempDir,
        projection: Projection,
        ledger: &Ledger,
    ) -> Self {
        Self::follow(views, place, projection, Arc::clone(&ledger.feed))
    }

    /// Over any log.
    pub(crate) fn start_of<S: Source>(projection: Projection<EventOf<S>>, source: Arc<S>) -> Self {
        let place = tempfile::tempdir().unwrap();
        let views: Arc<dyn Views> = Arc::new(SqliteViews::open(place.path()).unwrap());
        Self::follow(views, place, projection, source)
    }

    fn follow<S: Source>(
        views: Arc<dyn Views>,
        place: tempfile::TempDir,
        projection: Projection<EventOf<S>>,
        source: Arc<S>,
    ) -> Self {
        let (shutdown, stopping) = watch::channel(false);
        let runner = Runner::new(source, Arc::clone(&views), stopping);
        let (handle, task) = runner.start(projection);
        Self { views, handle, task, shutdown, place }
    }

    /// Waits until readers see all that the ledger holds.
    pub(crate) async fn catch_up(&self, ledger: &Ledger) -> Position {
        let head = *ledger.log.head().borrow();
        self.handle.wait_for(head, Duration::from_secs(20)).await.unwrap()
    }

    /// Waits until readers see all that a usage log holds.
    pub(crate) async fn caught_up(&self, usage: &Usage) {
        self.handle.wait_for(Position(usage.head().0), Duration::from_secs(20)).await.unwrap();
    }

    pub(crate) fn view(&self) -> View {
        View::new(self.views.as_ref(), self.handle.clone())
    }

    /// Ends the task and gives back the folder.
    pub(crate) async fn stop(self) -> tempfile::TempDir {
        self.shutdown.send_replace(true);
        self.task.await.unwrap();
        self.place
    }
}

/// Runs an asynchronous property.
pub(crate) fn run<F: Future>(property: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(property)
}
