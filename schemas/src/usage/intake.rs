//! Where decisions are taken in, one after the other, on the way to a segment.

use super::fold::Fold;
use super::page::Page;
use super::unrecorded::Receipt;
use super::{Circumstances, Decided, MAX_COUNTER};

/// Takes decisions in, each with the next counter of the lane, and says so with a [`Receipt`].
///
/// Times never go back from one row to the next: one that would is recorded as that of the row before. Unproven
/// secrets are counted by caller, network, code and second, and become rows when their second is over.
#[derive(Default)]
pub struct Intake {
    page: Page,
    fold: Fold,
    counter: u64,
    latest_us: i64,
}

impl Intake {
    /// Takes a decision in. It allocates only while its page grows.
    pub fn take(&mut self, decided: &Decided, asked: &Circumstances<'_>) -> Receipt {
        self.turn(asked.time_us);
        let counter = self.counter;
        self.counter = (counter + 1) & MAX_COUNTER;
        if decided.is_unproven() {
            self.fold.count(counter, self.latest_us, decided, asked);
        } else {
            self.page.push(counter, self.latest_us, decided, asked);
        }
        Receipt::of(counter)
    }

    /// Lets time pass: what was counted in a second that is over becomes rows.
    pub fn turn(&mut self, now_us: i64) {
        if self.fold.is_over(now_us) {
            self.unfold(now_us);
        }
        self.latest_us = self.latest_us.max(now_us);
    }

    /// Makes what was counted rows now, also while the second lasts.
    pub fn unfold(&mut self, now_us: i64) {
        let at = now_us.max(self.latest_us);
        for counted in self.fold.take(at) {
            self.latest_us = self.latest_us.max(counted.time_us);
            self.page.push_counted(&counted);
        }
    }

    /// The rows that wait.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Takes the rows away and leaves an empty page.
    pub fn take_page(&mut self, empty: Page) -> Page {
        std::mem::replace(&mut self.page, empty)
    }

    /// When what was counted becomes rows, in microseconds since 1970 UTC, if there is anything.
    pub fn unfolds_at_us(&self) -> Option<i64> {
        self.fold.ends_at_us()
    }

    /// The counter of the next decision.
    pub fn counter(&self) -> u64 {
        self.counter
    }
}

#[cfg(test)]
mod tests;
