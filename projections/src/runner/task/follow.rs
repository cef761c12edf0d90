//! Following the log, page by page, until something stands against it.

use std::convert::Infallible;

use eventlog::Position;
use tokio::time::Instant;

use super::super::backoff::Backoff;
use super::super::follower::Passed;
use super::super::handle::Request;
use super::super::outcome::Stop;
use super::super::pace::Pace;
use super::super::{Source, State, Status};
use super::Task;
use super::beside::Beside;
use super::build::Build;

impl<S: Source> Task<S> {
    /// Opens the view and follows until something stands against it; that is the answer.
    pub(super) async fn follow(&mut self, backoff: &mut Backoff) -> Stop {
        match self.keep(backoff).await {
            Err(stop) => stop,
        }
    }

    async fn keep(&mut self, backoff: &mut Backoff) -> Result<Infallible, Stop> {
        let mut served = self.open().await?;
        let mut beside = Beside::nothing();
        loop {
            self.check_shutdown()?;
            if self.desk.take_wish() {
                // One that was begun earlier may hold what was erased since.
                beside = Beside::nothing();
                self.rebuild = true;
            }
            let woken = match self.turn(&mut served, &mut beside).await {
                Ok(true) if self.rebuild => Some(self.glance(&served).await?),
                Ok(true) => Some(self.wait(&served, backoff).await?),
                Ok(false) => self.asked(),
                Err(Stop::Retry(why)) => {
                    let head = self.source.head().get();
                    self.look(Some(served.follower.checkpoint()), head).await;
                    self.hesitate(why, backoff).await;
                    None
                }
                Err(stop) => return Err(stop),
            };
            match woken {
                Some(Woken::By(Request::Distrust(doubt))) => self.distrust(doubt).await?,
                Some(Woken::By(Request::Rebuild) | Woken::ByFacts) | None => {}
            }
        }
    }

    /// One page for what is served, and the next step for what is built beside it; answers whether there is nothing
    /// more to do now.
    async fn turn(&mut self, served: &mut Build<S>, beside: &mut Beside<S>) -> Result<bool, Stop> {
        let is_current = self.advance(served).await?;
        if !self.rebuild || !served.is_published {
            return Ok(is_current);
        }
        if let Some(built) = self.build_beside(served, beside).await? {
            *served = Build { follower: built, is_published: true };
        }
        Ok(is_current && beside.is_busy())
    }

    /// Folds one page into what is served; answers whether it has all there is. While another build is
    /// made, one that cannot go on stays as it is.
    async fn advance(&mut self, build: &mut Build<S>) -> Result<bool, Stop> {
        let position = build.follower.checkpoint().position;
        let head = self.source.head().get();
        let begun = Begun { at: Instant::now(), head };
        if position < head {
            self.note_behind(begun.at);
        }
        let pace = if build.is_published { Pace::of(position, head) } else { Pace::BULK };
        let passed = match build.follower.pass(&pace).await {
            Err(Stop::Halt { .. }) if self.rebuild && build.is_published => return Ok(true),
            passed => passed?,
        };
        let is_current = passed.head <= build.follower.checkpoint().position;
        let is_stuck = matches!(passed.stopped, Some(Stop::Halt { .. } | Stop::Unreadable { .. }));
        if !build.is_published && (is_current || is_stuck) {
            // One that cannot go on is shown as far as it came, and its status says so.
            self.publish(build).await?;
        }
        if let Some(Stop::Unreadable { why, .. }) = &passed.stopped {
            self.mend(why);
        }
        self.report(build, &passed, &begun).await;
        match passed.stopped {
            Some(Stop::Halt { .. } | Stop::Unreadable { .. }) if self.rebuild => Ok(true),
            Some(stop) => Err(stop),
            None => Ok(is_current),
        }
    }

    /// From now on it is behind, unless it was so before.
    fn note_behind(&self, now: Instant) {
        self.status.send_if_modified(|it| {
            let is_news = it.behind_since.is_none();
            it.behind_since.get_or_insert(now);
            is_news
        });
    }

    async fn report(&self, build: &Build<S>, passed: &Passed, begun: &Begun) {
        let checkpoint = build.follower.checkpoint();
        if !build.is_published {
            self.desk.advance(checkpoint.position.0, passed.head.0);
        }
        let lag = self.lag(checkpoint, passed.head).await;
        let behind = passed.head.0.saturating_sub(checkpoint.position.0);
        let state = match (build.is_published && !self.rebuild, behind) {
            (false, _) => State::Rebuilding,
            (true, 0..=1_000) => State::Live,
            (true, _) => State::CatchingUp,
        };
        self.status.send_modify(|it| {
            let position = if build.is_published { checkpoint.position } else { it.position };
            let (name, version) = (it.name, it.version);
            let parked = if build.is_published { build.follower.parked() } else { it.parked };
            let (head, halted_at) = (passed.head, None);
            // What keeps the build beside from going on stands until that goes on.
            let reason = it.reason.take().filter(|_| self.rebuild);
            let behind_since = match behind {
                0 => None,
                _ if begun.head <= checkpoint.position => Some(begun.at),
                _ => it.behind_since,
            };
            *it =
                Status { name, version, position, head, lag, behind_since, state, halted_at, reason, parked };
        });
    }
}

/// When a page was begun, and the head then.
struct Begun {
    at: Instant,
    head: Position,
}

/// What ended a waiting.
pub(super) enum Woken {
    ByFacts,
    By(Request),
}
