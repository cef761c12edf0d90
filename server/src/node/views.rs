//! The views: one file and one task each.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use projections::{
    feed::{Event, Feed},
    runner::{Handle, OfBlock, Projection, Projector, Runner, State, Status, UsageLane, View},
};
use store::SqliteViews;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// How long a projection may take to finish the page at hand.
const FAREWELL: Duration = Duration::from_secs(10);

/// How long a view may lack what the ledger holds: those who ask for a position wait 2 s for it.
const TOLERATED: Duration = Duration::from_secs(5);

/// The views of a node, followed by their tasks.
pub(crate) struct RunningViews {
    views: Arc<SqliteViews>,
    runner: Runner,
    handles: Vec<Handle>,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl RunningViews {
    /// Opens the folder of the views; none is followed yet.
    pub(crate) async fn open(folder: PathBuf, feed: Arc<Feed>) -> anyhow::Result<Self> {
        let opened = tokio::task::spawn_blocking(move || SqliteViews::open(folder)).await;
        let views = opened.context("opening the views broke off")?.context("failed to open the views")?;
        let views = Arc::new(views);
        let stop = watch::Sender::new(false);
        let runner = Runner::new(feed, views.clone(), stop.subscribe());
        Ok(Self { views, runner, handles: Vec::new(), tasks: JoinSet::new(), stop })
    }

    /// Starts the task that keeps a projection of the ledger. What is damaged is discarded and built again there.
    pub(crate) fn follow<P: Projector<Event = Event>>(&mut self) -> View {
        let started = self.runner.start(Projection::of::<P>());
        self.keep(started)
    }

    /// The same for a projection of a lane of the usage log.
    pub(crate) fn follow_lane<P: Projector<Event: OfBlock>>(&mut self, lane: UsageLane<P::Event>) -> View {
        let runner = Runner::new(Arc::new(lane), self.views.clone(), self.stop.subscribe());
        let started = runner.start(Projection::of::<P>());
        self.keep(started)
    }

    fn keep(&mut self, (handle, task): (Handle, JoinHandle<()>)) -> View {
        self.tasks.spawn(async move {
            if let Err(err) = task.await {
                tracing::error!(error = %err, "a projection ended before its time");
            }
        });
        self.handles.push(handle.clone());
        View::new(self.views.as_ref(), handle)
    }

    /// All that are followed.
    pub(crate) fn handles(&self) -> Vec<Handle> {
        self.handles.clone()
    }

    /// Ends the tasks after the page at hand, and closes the files.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, finished).await.is_err() {
            tracing::warn!("projections are cut off: they took too long to stop");
            self.tasks.shutdown().await;
        }
        // Closing a file waits for its threads.
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }
}

/// What stands against reading a view, in words.
pub(crate) fn missing(handle: &Handle) -> Option<String> {
    told(&handle.status())
}

/// What a view lacks that is read all the same, in words.
pub(crate) fn lacking(handle: &Handle) -> Option<String> {
    let Status { name, parked, .. } = handle.status();
    (0 < parked)
        .then(|| format!("the view `{name}` has set {parked} keys apart: facts about them cannot be folded"))
}

fn told(status: &Status) -> Option<String> {
    let (name, position) = (status.name, status.position);
    let reason = || status.reason.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
    let behind = status.behind_since.map(|it| it.elapsed()).filter(|it| TOLERATED < *it);
    match (status.state, behind) {
        (State::Halted, _) => Some(format!("the view `{name}` stands still at {position}{}", reason())),
        (State::Rebuilding, _) if position.0 == 0 && 0 < status.head.0 => {
            Some(format!("the view `{name}` is being built{}", reason()))
        }
        _ if status.reason.is_some() => Some(format!("{name}: retrying{}", reason())),
        (State::Live | State::CatchingUp, Some(behind)) => {
            Some(format!("the view `{name}` is at {position}, {} s behind its log", behind.as_secs()))
        }
        (State::Live | State::CatchingUp | State::Rebuilding, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::time::Lifespan;
    use eventlog::Position;
    use tokio::time::Instant;

    use super::*;

    fn live() -> Status {
        Status {
            name: "audit",
            version: 1,
            position: Position(6),
            head: Position(7),
            lag: Lifespan::ZERO,
            behind_since: Some(Instant::now()),
            state: State::Live,
            halted_at: None,
            reason: None,
            parked: 0,
        }
    }

    #[test]
    fn a_view_that_follows_is_not_told_of() {
        assert_eq!(told(&live()), None);
    }

    #[test]
    fn a_view_whose_last_attempt_failed_is_told_with_the_reason() {
        let failed = Status { reason: Some("no space is left".to_owned()), ..live() };
        assert_eq!(told(&failed).as_deref(), Some("audit: retrying: no space is left"));
    }

    #[test]
    fn a_view_that_lacks_facts_for_long_is_told_although_it_says_nothing() {
        let since = Instant::now().checked_sub(TOLERATED * 2).unwrap();
        let late = Status { behind_since: Some(since), ..live() };
        assert_eq!(told(&late).as_deref(), Some("the view `audit` is at 6, 10 s behind its log"));
    }
}
