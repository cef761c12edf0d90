//! The task of one projection: opens its view, follows its log, and mends what breaks.

mod beside;
mod build;
mod follow;
mod idle;
mod mend;

use std::sync::Arc;

use domain::time::Lifespan;
use eventlog::Position;
use store::Views;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tracing::Instrument;

use super::backoff::Backoff;
use super::handle::Request;
use super::outcome::{Stop, chain};
use super::rebuilds::Desk;
use super::{Checkpoint, EventOf, Handle, Projection, Source, State, Status};
use crate::feed::Feed;
use idle::Roused;

/// More wishes than this at once are the same ones again.
const REQUESTS: usize = 4;

/// Starts projections over one log and one set of views.
pub struct Runner<S = Feed> {
    source: Arc<S>,
    views: Arc<dyn Views>,
    shutdown: watch::Receiver<bool>,
}

impl<S: Source> Runner<S> {
    /// A runner whose tasks end, after the page at hand, once `shutdown` is true or its sender is gone.
    pub fn new(source: Arc<S>, views: Arc<dyn Views>, shutdown: watch::Receiver<bool>) -> Self {
        Self { source, views, shutdown }
    }

    /// Starts the task of a projection. Each projection has one owner: start it once.
    pub fn start(&self, projection: Projection<EventOf<S>>) -> (Handle, JoinHandle<()>) {
        let (wishes, requests) = mpsc::channel(REQUESTS);
        let desk = Arc::<Desk>::default();
        let status = watch::Sender::new(Status::unknown(projection.name, projection.version));
        let handle = Handle {
            status: status.subscribe(),
            head: self.source.head(),
            requests: wishes.clone(),
            desk: Arc::clone(&desk),
        };
        let task = Task {
            projection,
            source: Arc::clone(&self.source),
            views: Arc::clone(&self.views),
            shutdown: self.shutdown.clone(),
            requests,
            _wishes: wishes,
            status,
            desk,
            rebuild: false,
            rebuilt_at: None,
        };
        let span = tracing::info_span!("project", projection = projection.name);
        (handle, tokio::spawn(task.run().instrument(span)))
    }
}

struct Task<S: Source> {
    projection: Projection<EventOf<S>>,
    source: Arc<S>,
    views: Arc<dyn Views>,
    shutdown: watch::Receiver<bool>,
    requests: mpsc::Receiver<Request>,
    /// Keeps the queue open when nobody else holds a handle.
    _wishes: mpsc::Sender<Request>,
    status: watch::Sender<Status>,
    desk: Arc<Desk>,
    /// Whether the view is to be built again beside what is served, until that is done or in vain.
    rebuild: bool,
    /// When it was built so last, also where that was in vain.
    rebuilt_at: Option<Instant>,
}

impl<S: Source> Task<S> {
    async fn run(mut self) {
        let mut backoff = Backoff::new();
        loop {
            // Whoever is erased from here on is taken out also where it stands still.
            let erased = self.source.erased().map_or(0, |it| it.borrow().len());
            match self.follow(&mut backoff).await {
                Stop::Shutdown => return,
                Stop::Halt { at, why } | Stop::Unreadable { at, why } => {
                    tracing::error!(position = at.0, why, "the view stands still until somebody acts");
                    self.halt(at, why);
                    match self.stand_still(erased).await {
                        Roused::Over => return,
                        Roused::Rebuild => self.rebuild = true,
                        Roused::Reopen => {}
                    }
                }
                Stop::Retry(why) | Stop::Reopen(why) => self.hesitate(why, &mut backoff).await,
                Stop::Discard(why) => {
                    tracing::warn!(why, "the view is discarded and built again");
                    self.discard(why).await;
                    self.pause(&mut backoff).await;
                }
            }
        }
    }

    fn halt(&self, at: Position, why: String) {
        self.status.send_modify(|it| {
            it.state = State::Halted;
            it.halted_at = Some(at);
            it.reason = Some(why);
        });
    }

    async fn discard(&mut self, why: String) {
        self.desk.fail(format!("what was served is not to be trusted, and is built again: {why}"));
        self.status.send_modify(|it| {
            *it = Status { reason: Some(why), ..Status::unknown(it.name, it.version) };
        });
        match self.views.discard(self.projection.name, self.projection.version).await {
            // All of it is built again now.
            Ok(()) => {
                self.rebuild = false;
                self.desk.serve(None);
                self.desk.no_progress();
            }
            Err(err) => tracing::warn!(error = chain(&err), "the view is not discarded yet"),
        }
    }

    /// Says what is wrong, and waits a little before it is tried again.
    async fn hesitate(&mut self, why: String, backoff: &mut Backoff) {
        tracing::warn!(why, "the view cannot go on now and tries again");
        self.status.send_modify(|it| it.reason = Some(why));
        self.pause(backoff).await;
    }

    async fn pause(&mut self, backoff: &mut Backoff) {
        let wait = backoff.wait();
        tokio::select! {
            () = sleep(wait) => {}
            _ = self.shutdown.wait_for(|it| *it) => {}
        }
    }

    /// Log time at the head less log time at the checkpoint. Where the head cannot be read now, what is
    /// known of it stands.
    async fn lag(&self, checkpoint: &Checkpoint, head: Position) -> Lifespan {
        if head <= checkpoint.position {
            return Lifespan::ZERO;
        }
        let last = self.source.logged_at(head).await;
        last.map_or_else(|| self.status.borrow().lag, |it| it.since(checkpoint.logged_at))
    }
}
