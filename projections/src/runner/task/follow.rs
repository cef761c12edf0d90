//! Following the ledger, page by page, until something stands against it.

use std::convert::Infallible;

use super::super::backoff::Backoff;
use super::super::follower::{Follower, Passed};
use super::super::handle::Request;
use super::super::outcome::Stop;
use super::super::pace::Pace;
use super::super::{State, Status};
use super::Task;
use super::build::Build;

impl Task {
    /// Opens the view and follows until something stands against it; that is the answer.
    pub(super) async fn follow(&mut self, backoff: &mut Backoff, rebuild: bool) -> Stop {
        match self.keep(backoff, rebuild).await {
            Err(stop) => stop,
        }
    }

    async fn keep(&mut self, backoff: &mut Backoff, rebuild: bool) -> Result<Infallible, Stop> {
        let mut served = self.open().await?;
        let mut beside = if rebuild { Some(self.begin_rebuild().await?) } else { None };
        loop {
            self.check_shutdown()?;
            let woken = match self.turn(&mut served, &mut beside).await {
                Ok(true) => Some(self.wait(&served, backoff).await?),
                Ok(false) => self.asked(),
                Err(Stop::Retry(why)) => {
                    let head = *self.feed.head().borrow();
                    self.look(Some(served.follower.checkpoint()), head).await;
                    self.hesitate(why, backoff).await;
                    None
                }
                Err(stop) => return Err(stop),
            };
            match woken {
                Some(Woken::By(Request::Rebuild)) => beside = Some(self.begin_rebuild().await?),
                Some(Woken::By(Request::Distrust)) => self.check().await?,
                Some(Woken::ByFacts) | None => {}
            }
        }
    }

    /// One page for what is served, and one for what is built beside it; answers whether there is nothing
    /// more to do now.
    async fn turn(&self, served: &mut Build, beside: &mut Option<Follower>) -> Result<bool, Stop> {
        let is_current = self.advance(served, beside.is_some()).await?;
        let Some(mut follower) = beside.take() else { return Ok(is_current) };
        let advanced = self.advance_beside(&mut follower).await;
        if matches!(advanced, Ok(true)) {
            *served = self.finish_rebuild(follower).await?;
        } else {
            *beside = Some(follower);
        }
        advanced.map(|_| false)
    }

    /// Folds one page into what is served; answers whether it has all there is. While another build is
    /// made, one that cannot go on stays as it is.
    async fn advance(&self, build: &mut Build, is_replaced: bool) -> Result<bool, Stop> {
        let position = build.follower.checkpoint().position;
        let head = *self.feed.head().borrow();
        let pace = if build.is_published { Pace::of(position, head) } else { Pace::BULK };
        let passed = match build.follower.pass(&pace).await {
            Err(Stop::Halt { .. }) if is_replaced => return Ok(true),
            passed => passed?,
        };
        let is_current = passed.head <= build.follower.checkpoint().position;
        let is_stuck = matches!(passed.stopped, Some(Stop::Halt { .. }));
        if !build.is_published && (is_current || is_stuck) {
            // One that cannot go on is shown as far as it came, and its status says so.
            self.publish(build).await?;
        }
        self.report(build, &passed, is_replaced).await;
        match passed.stopped {
            Some(Stop::Halt { .. }) if is_replaced => Ok(true),
            Some(stop) => Err(stop),
            None => Ok(is_current),
        }
    }

    /// Folds one page into the build beside; answers whether it has all there is.
    async fn advance_beside(&self, follower: &mut Follower) -> Result<bool, Stop> {
        let passed = follower.pass(&Pace::BULK).await?;
        match passed.stopped {
            Some(stop) => Err(stop),
            None => Ok(passed.head <= follower.checkpoint().position),
        }
    }

    async fn report(&self, build: &Build, passed: &Passed, is_replaced: bool) {
        let checkpoint = build.follower.checkpoint();
        let lag = self.lag(checkpoint, passed.head).await;
        let behind = passed.head.0.saturating_sub(checkpoint.position.0);
        let state = match (build.is_published && !is_replaced, behind) {
            (false, _) => State::Rebuilding,
            (true, 0..=1_000) => State::Live,
            (true, _) => State::CatchingUp,
        };
        self.status.send_modify(|it| {
            let position = if build.is_published { checkpoint.position } else { it.position };
            let (name, version, parked) = (it.name, it.version, it.parked);
            let (head, halted_at, reason) = (passed.head, None, None);
            *it = Status { name, version, position, head, lag, state, halted_at, reason, parked };
        });
    }
}

/// What ended a waiting.
pub(super) enum Woken {
    ByFacts,
    By(Request),
}
