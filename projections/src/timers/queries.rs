use domain::time::Timestamp;

use super::Timer;
use super::row::DUE;
use crate::runner::{QueryError, Record, View};

/// What is asked of the timers.
#[derive(Clone)]
pub struct TimerQueries {
    view: View,
}

impl TimerQueries {
    /// Over the view of [`Timers`](super::Timers).
    pub fn new(view: View) -> Self {
        Self { view }
    }

    /// The view, to be waited for.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What is due at `now`, the longest due first. At the end of time it is all there is, the next one first.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Timer>, QueryError> {
        let args = vec![now.micros().into(), (limit as u64).into()];
        let rows = self.view.query(DUE, args).await?;
        self.view.read(&rows, Timer::from_row)
    }
}
