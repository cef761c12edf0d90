//! The views: one file and one task each.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use projections::{
    feed::Feed,
    runner::{Handle, Projection, Projector, Runner, State, View},
};
use store::SqliteViews;
use tokio::{sync::watch, task::JoinSet};

/// How long a projection may take to finish the page at hand.
const FAREWELL: Duration = Duration::from_secs(10);

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

    /// Starts the task that keeps a projection. What is damaged is discarded and built again there.
    pub(crate) fn follow<P: Projector>(&mut self) -> View {
        let (handle, task) = self.runner.start(Projection::of::<P>());
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
    let status = handle.status();
    let name = status.name;
    let reason = || status.reason.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
    match status.state {
        State::Halted => Some(format!("the view `{name}` stands still at {}{}", status.position, reason())),
        State::Rebuilding if status.position.0 == 0 && 0 < status.head.0 => {
            Some(format!("the view `{name}` is being built{}", reason()))
        }
        State::Rebuilding | State::Live | State::CatchingUp => None,
    }
}
