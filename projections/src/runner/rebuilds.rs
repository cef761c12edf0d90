//! Rebuilds that somebody asked for, and how far a build has come: what the task tells those who look on.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::ids::JobId;
use eventlog::Position;
use parking_lot::Mutex;
use tokio::time::Instant;

/// A rebuild that somebody asked for. The last one of each view is remembered until the process ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rebuild {
    /// What it is called by those who asked.
    pub id: JobId,
    /// When it was asked for.
    pub asked_at: Instant,
    /// What has become of it.
    pub state: RebuildState,
}

/// What has become of a rebuild.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RebuildState {
    /// The view is being built beside what is served, or both are compared.
    Running,
    /// What was built is served.
    Done {
        /// Since when.
        at: Instant,
        /// What it was compared with.
        comparison: Comparison,
    },
    /// It was given up, and what was served is served on.
    Failed {
        /// When.
        at: Instant,
        /// Why.
        why: String,
    },
}

/// What was built, beside what was served at the same position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// Up to where both held the ledger's facts.
    pub position: Position,
    /// The rows of the new build there.
    pub rows: u64,
    /// The tables that were not the same bytes in both; none: the builds were identical.
    pub differing: Vec<String>,
}

impl Comparison {
    /// Whether all rows were the same bytes.
    pub fn is_identical(&self) -> bool {
        self.differing.is_empty()
    }
}

/// Why a rebuild is not begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RebuildRefused {
    /// One is under way.
    #[error("the rebuild {0} is under way")]
    UnderWay(JobId),
    /// There is nothing to build it beside.
    #[error("the view is being built")]
    BeingBuilt,
    /// Nobody keeps the view any more.
    #[error("the view's task has ended")]
    Ended,
}

/// How far a build is that readers do not see yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The facts that it holds.
    pub done: u64,
    /// The facts that there are.
    pub total: u64,
    /// The facts that it held when this process took it up.
    pub from: u64,
    /// Since when this process builds it.
    pub since: Instant,
}

impl Progress {
    /// Facts a second since the build was taken up.
    pub fn rate(&self) -> f64 {
        let seconds = self.since.elapsed().as_secs_f64();
        if seconds <= 0.0 { 0.0 } else { whole(self.done.saturating_sub(self.from)) / seconds }
    }

    /// The seconds that it takes at that rate; nothing before there is one.
    pub fn seconds_left(&self) -> Option<f64> {
        let rate = self.rate();
        (0.0 < rate).then(|| whole(self.total.saturating_sub(self.done)) / rate)
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
fn whole(facts: u64) -> f64 {
    facts as f64
}

/// Where wishes and progress of one view lie, between its task and those who look on.
#[derive(Default)]
pub(super) struct Desk {
    rebuild: Mutex<Option<Rebuild>>,
    /// Whether the task has not yet taken up the rebuild under way.
    is_wanted: AtomicBool,
    progress: Mutex<Option<Progress>>,
    served: Mutex<Option<u32>>,
}

impl Desk {
    /// Notes the wish for a rebuild: there is one at a time. The same wish again is answered by what has become
    /// of it, and is no news.
    pub(super) fn ask(&self, id: JobId) -> Result<(Rebuild, bool), RebuildRefused> {
        let mut last = self.rebuild.lock();
        match last.as_ref() {
            Some(rebuild) if rebuild.id == id => return Ok((rebuild.clone(), false)),
            Some(Rebuild { id, state: RebuildState::Running, .. }) => {
                return Err(RebuildRefused::UnderWay(*id));
            }
            Some(_) | None => {}
        }
        let rebuild = Rebuild { id, asked_at: Instant::now(), state: RebuildState::Running };
        *last = Some(rebuild.clone());
        self.is_wanted.store(true, Ordering::Release);
        Ok((rebuild, true))
    }

    /// Whether a rebuild was asked for that is not taken up yet.
    pub(super) fn has_wish(&self) -> bool {
        self.is_wanted.load(Ordering::Acquire)
    }

    /// Whether a rebuild was asked for since this was last asked.
    pub(super) fn take_wish(&self) -> bool {
        self.is_wanted.swap(false, Ordering::AcqRel)
    }

    /// The last rebuild that was asked for.
    pub(super) fn rebuild(&self) -> Option<Rebuild> {
        self.rebuild.lock().clone()
    }

    /// Ends the one under way, if there is one.
    pub(super) fn end(&self, state: RebuildState) {
        let mut last = self.rebuild.lock();
        if let Some(rebuild) = last.as_mut().filter(|it| it.state == RebuildState::Running) {
            rebuild.state = state;
        }
    }

    /// Gives up the one under way.
    pub(super) fn fail(&self, why: impl Into<String>) {
        self.end(RebuildState::Failed { at: Instant::now(), why: why.into() });
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        *self.progress.lock()
    }

    /// Says how far a build has come; the first time of a build, that is where it was taken up.
    pub(super) fn advance(&self, done: u64, total: u64) {
        let mut progress = self.progress.lock();
        let begun = progress.filter(|it| it.done <= done);
        let begun = begun.unwrap_or_else(|| Progress { done, total, from: done, since: Instant::now() });
        *progress = Some(Progress { done, total: total.max(done), ..begun });
    }

    /// The version that readers see.
    pub(super) fn served(&self) -> Option<u32> {
        *self.served.lock()
    }

    /// Says which version readers see from now on.
    pub(super) fn serve(&self, version: Option<u32>) {
        *self.served.lock() = version;
    }

    /// No build is made now.
    pub(super) fn no_progress(&self) {
        *self.progress.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: JobId = JobId::from_bits(1);
    const SECOND: JobId = JobId::from_bits(2);

    #[test]
    fn there_is_one_rebuild_at_a_time_and_the_same_wish_is_the_same_rebuild() {
        let desk = Desk::default();
        let (first, is_new) = desk.ask(FIRST).unwrap();
        assert!(is_new && first.state == RebuildState::Running);
        assert_eq!((desk.take_wish(), desk.take_wish()), (true, false));
        assert_eq!(desk.ask(FIRST).unwrap(), (first, false));
        assert_eq!(desk.ask(SECOND), Err(RebuildRefused::UnderWay(FIRST)));
        desk.fail("it was in vain");
        assert!(matches!(desk.ask(FIRST).unwrap().0.state, RebuildState::Failed { .. }));
        assert!(desk.ask(SECOND).unwrap().1);
    }

    #[test]
    fn a_build_is_measured_from_where_it_was_taken_up() {
        let desk = Desk::default();
        desk.advance(100, 1_000);
        desk.advance(600, 1_100);
        let progress = desk.progress().unwrap();
        assert_eq!((progress.from, progress.done, progress.total), (100, 600, 1_100));
        // Another build begins further back.
        desk.advance(0, 1_100);
        assert_eq!(desk.progress().unwrap().from, 0);
    }
}
