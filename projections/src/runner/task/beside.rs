//! The build beside what is served: made apart, compared, and swapped in.
//!
//! ```text
//! t0  it folds on a task of its own, in large pages, up to where the served build stands
//! t1  it has its indexes; from now on both go on in step
//! t2  both stand at one position: a moment of each is taken, and those are compared on a task of their own
//! t3  both are compared, and stand at one position again: it is swapped in
//! ```
//!
//! The served build goes on all the time.

use eventlog::Position;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::compare::{NotCompared, Pair};
use super::super::follower::Follower;
use super::super::outcome::{Stop, chain};
use super::super::pace::Pace;
use super::super::{Comparison, RebuildState, Source, Status};
use super::Task;
use super::build::Build;

/// Times that both are compared before they are said to differ. A key may be deleted after a fact was read for one
/// build and before it was read for the other: the fact that says so is there when they are compared again.
const COMPARISONS: u32 = 2;

/// The build beside what is served, at whatever it is now.
pub(super) struct Beside<S: Source> {
    follower: Option<Follower<S>>,
    work: Work<S>,
    /// Whether it has its indexes.
    indexed: bool,
    comparisons: u32,
}

enum Work<S: Source> {
    Nothing,
    Folding(Worker<(Follower<S>, Result<(), Stop>)>),
    Comparing(Worker<Result<Comparison, NotCompared>>),
    Compared(Comparison),
}

/// A task that ends with its handle.
struct Worker<T>(JoinHandle<T>);

impl<T: Send + 'static> Worker<T> {
    fn start(work: impl Future<Output = T> + Send + 'static) -> Self {
        use tracing::Instrument;
        Self(tokio::spawn(work.in_current_span()))
    }

    async fn end(&mut self) -> Result<T, Stop> {
        (&mut self.0).await.map_err(|err| Stop::Retry(format!("a part of the rebuild broke off: {err}")))
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<S: Source> Beside<S> {
    /// None is made.
    pub(super) const fn nothing() -> Self {
        Self { follower: None, work: Work::Nothing, indexed: false, comparisons: 0 }
    }

    /// Whether there is nothing to be done with it until a task ends.
    pub(super) fn is_busy(&self) -> bool {
        match &self.work {
            Work::Folding(worker) => !worker.0.is_finished(),
            Work::Comparing(worker) => !worker.0.is_finished(),
            Work::Nothing | Work::Compared(_) => false,
        }
    }
}

impl<S: Source> Task<S> {
    /// Does what is next for the build beside, which is begun where there is none; answers it once it is served.
    ///
    /// What stands against it never touches what is served: a build that is damaged is begun anew, and one that
    /// cannot be finished is given up.
    pub(super) async fn build_beside(
        &mut self,
        served: &Build<S>,
        beside: &mut Beside<S>,
    ) -> Result<Option<Follower<S>>, Stop> {
        let stop = match self.advance_beside(served, beside).await {
            Ok(None) => return Ok(None),
            Ok(Some(built)) => {
                self.end_rebuild();
                return Ok(Some(built));
            }
            Err(stop) => stop,
        };
        match stop {
            Stop::Retry(_) | Stop::Shutdown => Err(stop),
            Stop::Reopen(why) | Stop::Discard(why) => {
                tracing::warn!(why, "the build beside what is served is thrown away and begun anew");
                *beside = Beside::nothing();
                Err(Stop::Retry(why))
            }
            Stop::Halt { at, why } | Stop::Unreadable { at, why } => {
                tracing::error!(position = at.0, why, "the view cannot be built again and stays as it is");
                *beside = Beside::nothing();
                self.desk.fail(why);
                self.end_rebuild();
                Ok(None)
            }
        }
    }

    async fn advance_beside(
        &mut self,
        served: &Build<S>,
        beside: &mut Beside<S>,
    ) -> Result<Option<Follower<S>>, Stop> {
        if beside.is_busy() {
            return Ok(None);
        }
        self.gather(beside).await?;
        if beside.follower.is_none() {
            *beside = Beside { follower: Some(self.begin_rebuild().await?), ..Beside::nothing() };
        }
        if !beside.indexed {
            self.fold_apart(beside);
            return Ok(None);
        }
        let position = served.follower.checkpoint().position;
        if !in_step(beside, position).await? {
            return Ok(None);
        }
        self.clear_reason();
        match &beside.work {
            Work::Compared(_) => self.swap_in(beside).await,
            Work::Nothing | Work::Folding(_) | Work::Comparing(_) => {
                beside.work = Work::Comparing(self.begin_comparing().await?);
                Ok(None)
            }
        }
    }

    /// Takes up what a task of its own came to.
    async fn gather(&self, beside: &mut Beside<S>) -> Result<(), Stop> {
        match std::mem::replace(&mut beside.work, Work::Nothing) {
            Work::Folding(mut worker) => {
                let (follower, folded) = worker.end().await?;
                beside.follower = Some(follower);
                beside.indexed = folded.is_ok();
                folded
            }
            Work::Comparing(mut worker) => {
                beside.comparisons += 1;
                match worker.end().await? {
                    Ok(comparison) if comparison.is_identical() || COMPARISONS <= beside.comparisons => {
                        beside.work = Work::Compared(comparison);
                        Ok(())
                    }
                    Ok(_) => Ok(()),
                    Err(NotCompared::Sql(err)) => Err(Stop::of_sql(&err, Position(0))),
                    Err(err @ NotCompared::Apart { .. }) => Err(Stop::Retry(chain(&err))),
                }
            }
            kept @ (Work::Nothing | Work::Compared(_)) => {
                beside.work = kept;
                Ok(())
            }
        }
    }

    /// Has it fold up to what is served, and make its indexes, on a task of its own.
    fn fold_apart(&self, beside: &mut Beside<S>) {
        let Some(mut follower) = beside.follower.take() else { return };
        let (served, desk) = (self.status.subscribe(), self.desk.clone());
        beside.work = Work::Folding(Worker::start(async move {
            let progress = |done: Position, total: Position| desk.advance(done.0, total.0);
            let folded = fold_up_to(&mut follower, &served, progress).await;
            (follower, folded)
        }));
    }

    /// Takes a moment of both builds, which stand at one position.
    async fn begin_comparing(&self) -> Result<Worker<Result<Comparison, NotCompared>>, Stop> {
        let (name, version) = (self.projection.name, self.projection.version);
        let moment = async |build| {
            let sql = self.views.moment(name, version, build).await;
            sql.map_err(|err| Stop::of_sql(&err, Position(0)))
        };
        let pair = Pair {
            shape: self.projection.shape(),
            lane: self.source.lane(),
            served: moment(store::Build::Current).await?,
            beside: moment(store::Build::Beside).await?,
        };
        Ok(Worker::start(pair.compare()))
    }

    async fn swap_in(&self, beside: &mut Beside<S>) -> Result<Option<Follower<S>>, Stop> {
        let Some(follower) = &beside.follower else { return Ok(None) };
        self.finish_rebuild(follower).await?;
        let Beside { follower, work, .. } = std::mem::replace(beside, Beside::nothing());
        if let Work::Compared(comparison) = work {
            tell(&comparison);
            self.desk.end(RebuildState::Done { at: tokio::time::Instant::now(), comparison });
        }
        self.desk.no_progress();
        Ok(follower)
    }

    /// What kept the build from going on does so no more.
    fn clear_reason(&self) {
        self.status.send_if_modified(|it| it.reason.take().is_some());
    }
}

/// Brings it to where the served build stands, and takes out who was erased since; answers whether it is there.
async fn in_step<S: Source>(beside: &mut Beside<S>, position: Position) -> Result<bool, Stop> {
    let Some(follower) = &mut beside.follower else { return Ok(false) };
    let passed = follower.pass(&Pace::BULK.up_to(position)).await?;
    if let Some(stop) = passed.stopped {
        return Err(stop);
    }
    Ok(follower.checkpoint().position == position)
}

async fn fold_up_to<S: Source>(
    follower: &mut Follower<S>,
    served: &watch::Receiver<Status>,
    progress: impl Fn(Position, Position),
) -> Result<(), Stop> {
    let mut indexed = false;
    loop {
        let target = served.borrow().position;
        progress(follower.checkpoint().position, target);
        if follower.checkpoint().position < target {
            let passed = follower.pass(&Pace::BULK.up_to(target)).await?;
            if let Some(stop) = passed.stopped {
                return Err(stop);
            }
        } else if indexed {
            return Ok(());
        } else {
            follower.database().index().await.map_err(|err| Stop::of_sql(&err, target))?;
            indexed = true;
        }
    }
}

fn tell(comparison: &Comparison) {
    let Comparison { position, rows, differing } = comparison;
    let position = position.0;
    if comparison.is_identical() {
        tracing::info!(position, rows, "the view was built again, identical to what it replaces");
    } else {
        tracing::warn!(
            position,
            rows,
            ?differing,
            "the view was built again, and is another than what it replaces"
        );
    }
}
