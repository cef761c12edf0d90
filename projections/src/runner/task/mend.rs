//! Building a view again beside what is served, and when that is done unasked.

use std::time::Duration;

use tokio::time::Instant;

use super::super::outcome::Stop;
use super::super::{Doubt, Source};
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

    /// It is done, or in vain.
    pub(super) fn end_rebuild(&mut self) {
        self.rebuild = false;
        self.rebuilt_at = Some(Instant::now());
        self.desk.no_progress();
    }
}
