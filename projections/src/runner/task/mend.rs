//! Building a view again beside what is served, and when that is done unasked.

use std::time::Duration;

use tokio::time::Instant;

use super::super::follower::Follower;
use super::super::outcome::Stop;
use super::super::pace::Pace;
use super::super::{Doubt, Source, State};
use super::Task;

/// A row that still cannot be read after a new build is no damage but a mistake of the program: that is not mended
/// by building over and over.
const BETWEEN_MENDINGS: Duration = Duration::from_mins(1);

impl<S: Source> Task<S> {
    /// Looks for the damage that a reader has met, which has the view discarded; what is not found so is mended.
    pub(super) async fn distrust(&mut self, doubt: Doubt) -> Result<(), Stop> {
        match doubt {
            Doubt::Damage(why) => {
                self.check().await?;
                self.mend(&why);
            }
            Doubt::Row(why) => self.mend(&why),
        }
        Ok(())
    }

    /// Has the view built again beside what is served, unless that was done just now.
    pub(super) fn mend(&mut self, why: &str) {
        let is_new = self.rebuilt_at.is_some_and(|it| it.elapsed() < BETWEEN_MENDINGS);
        if !self.rebuild && !is_new {
            tracing::warn!(why, "the view cannot be trusted and is built again");
            self.rebuild = true;
        }
    }

    /// Folds one page into the build beside, which is begun where there is none; answers it once it is swapped in.
    ///
    /// What stands against it never touches what is served: a build that is damaged is begun anew, and one that
    /// cannot be finished is given up.
    pub(super) async fn build_beside(
        &mut self,
        beside: &mut Option<Follower<S>>,
    ) -> Result<Option<Follower<S>>, Stop> {
        let stop = match self.advance_beside(beside).await {
            Ok(is_served) => {
                self.status.send_if_modified(|it| it.state != State::Halted && it.reason.take().is_some());
                if !is_served {
                    return Ok(None);
                }
                self.end_rebuild();
                return Ok(beside.take());
            }
            Err(stop) => stop,
        };
        match stop {
            Stop::Retry(_) | Stop::Shutdown | Stop::Rebuild => Err(stop),
            Stop::Reopen(why) | Stop::Discard(why) => {
                tracing::warn!(why, "the build beside what is served is thrown away and begun anew");
                *beside = None;
                Err(Stop::Retry(why))
            }
            Stop::Halt { at, why } | Stop::Unreadable { at, why } => {
                tracing::error!(position = at.0, why, "the view cannot be built again and stays as it is");
                *beside = None;
                self.end_rebuild();
                Ok(None)
            }
        }
    }

    /// Folds one page, or swaps the build in once it has all there is; answers whether it is served now.
    async fn advance_beside(&self, beside: &mut Option<Follower<S>>) -> Result<bool, Stop> {
        let follower = match beside {
            Some(follower) => follower,
            None => beside.insert(self.begin_rebuild().await?),
        };
        let passed = follower.pass(&Pace::BULK).await?;
        if let Some(stop) = passed.stopped {
            return Err(stop);
        }
        if follower.checkpoint().position < passed.head {
            return Ok(false);
        }
        self.finish_rebuild(follower).await?;
        Ok(true)
    }

    fn end_rebuild(&mut self) {
        self.rebuild = false;
        self.rebuilt_at = Some(Instant::now());
    }
}
