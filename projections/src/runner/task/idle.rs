//! Waiting: for more facts, for somebody's wish, for the end.

use std::time::Duration;

use eventlog::Position;
use tokio::time::sleep;

use super::super::backoff::Backoff;
use super::super::handle::Request;
use super::super::outcome::Stop;
use super::super::{Checkpoint, Erased, Head, Source};
use super::Task;
use super::build::Build;
use super::follow::Woken;

/// How often is looked at a build that is made beside.
const BETWEEN_GLANCES: Duration = Duration::from_millis(10);

/// How often a projection that stands still looks how far it is behind.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// What ends a standing still.
pub(super) enum Roused {
    /// The process ends.
    Over,
    /// It is to be built again beside what is served.
    Rebuild,
    /// It is to be opened anew: the first page takes out all who were erased, and comes no further.
    Reopen,
}

impl<S: Source> Task<S> {
    pub(super) fn check_shutdown(&self) -> Result<(), Stop> {
        let is_over = *self.shutdown.borrow() || self.shutdown.has_changed().is_err();
        if is_over { Err(Stop::Shutdown) } else { Ok(()) }
    }

    /// What was asked for meanwhile.
    pub(super) fn asked(&mut self) -> Option<Woken> {
        self.requests.try_recv().ok().map(Woken::By)
    }

    /// Waits for more facts than are folded, for an erasure, or for a wish. Having come here, all is well again.
    pub(super) async fn wait(&mut self, build: &Build<S>, backoff: &mut Backoff) -> Result<Woken, Stop> {
        *backoff = Backoff::new();
        let position = build.follower.checkpoint().position;
        let mut head = self.source.head();
        let erased = longer(self.source.erased(), build.follower.taken_out());
        tokio::select! {
            _ = self.shutdown.wait_for(|it| *it) => Err(Stop::Shutdown),
            () = erased => Ok(Woken::ByFacts),
            Some(request) = self.requests.recv() => Ok(Woken::By(request)),
            woken = head.beyond(position) => {
                woken.map(|()| Woken::ByFacts).map_err(|err| Stop::Retry(err.to_string()))
            }
        }
    }

    /// Waits while a build is made beside what is served: a little, or for more facts or a wish.
    pub(super) async fn glance(&mut self, build: &Build<S>) -> Result<Woken, Stop> {
        let position = build.follower.checkpoint().position;
        let mut head = self.source.head();
        // One that cannot go on is not tried over and over.
        let is_current = head.get() <= position;
        tokio::select! {
            _ = self.shutdown.wait_for(|it| *it) => Err(Stop::Shutdown),
            Some(request) = self.requests.recv() => Ok(Woken::By(request)),
            _ = head.beyond(position), if is_current => Ok(Woken::ByFacts),
            () = sleep(BETWEEN_GLANCES) => Ok(Woken::ByFacts),
        }
    }

    /// Waits until somebody asks for a new build, until more are erased than so many, or for the end.
    pub(super) async fn stand_still(&mut self, erased: usize) -> Roused {
        let stands = self.shown().await;
        let mut head = self.source.head();
        loop {
            let request = tokio::select! {
                _ = self.shutdown.wait_for(|it| *it) => return Roused::Over,
                () = longer(self.source.erased(), erased) => return Roused::Reopen,
                request = self.requests.recv() => request,
                () = moved(&mut head) => None,
            };
            match request {
                Some(Request::Rebuild) => return Roused::Rebuild,
                // Built again, it would come no further.
                Some(Request::Distrust(_)) => {}
                None if self.desk.has_wish() => return Roused::Rebuild,
                None => {
                    let head = head.get();
                    self.look(stands.as_ref(), head).await;
                }
            }
        }
    }

    /// How far what readers see has come.
    pub(super) async fn shown(&self) -> Option<Checkpoint> {
        let (shape, reader) = (self.projection.shape(), self.views.reader());
        Checkpoint::read(&shape, self.source.lane(), reader.as_ref()).await.ok()
    }

    /// Says how far it is behind, while it does not go on.
    pub(super) async fn look(&self, stands: Option<&Checkpoint>, head: Position) {
        let lag = match stands {
            Some(stands) => self.lag(stands, head).await,
            None => self.status.borrow().lag,
        };
        self.status.send_modify(|it| {
            it.head = head;
            it.lag = lag;
        });
    }
}

/// Ends when somebody more is erased than so many.
async fn longer(erased: Option<Erased>, known: usize) {
    let more = async { erased?.wait_for(|it| known < it.len()).await.ok().map(drop) };
    if more.await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Ends when the head has moved, and not too often.
async fn moved(head: &mut Head) {
    sleep(BETWEEN_LOOKS).await;
    if head.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
