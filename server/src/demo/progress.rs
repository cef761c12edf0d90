//! How far it is: a bar on a terminal, a line at each tenth elsewhere.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// Lines that are printed from none to all.
const STEPS: usize = 10;

/// How progress is shown, on standard error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// As a bar that moves.
    Bar,
    /// As lines.
    Lines,
    /// Not at all.
    #[cfg(test)]
    Nothing,
}

impl Show {
    /// A bar where somebody may be looking.
    pub(super) fn here() -> Self {
        if io::stderr().is_terminal() { Self::Bar } else { Self::Lines }
    }

    /// The progress of a step of which nothing is done yet.
    pub(super) fn step(self, step: &'static str, total: usize) -> Progress {
        let bar = (self == Self::Bar).then(|| bar(step, total));
        Progress { show: self, bar, step, done: 0, total }
    }
}

/// The progress of one step.
pub(super) struct Progress {
    show: Show,
    bar: Option<ProgressBar>,
    step: &'static str,
    done: usize,
    total: usize,
}

impl Progress {
    /// One more is done.
    pub(super) fn advance(&mut self) {
        self.done += 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        if self.show == Show::Lines && self.reached_a_step() {
            self.say();
        }
    }

    /// So many are done; fewer than before are no news.
    pub(super) fn rise_to(&mut self, done: usize) {
        while self.done < done {
            self.advance();
        }
    }

    /// All is done.
    pub(super) fn end(self) {
        if let Some(bar) = &self.bar {
            bar.finish();
            // The bar stays on its line; what follows begins on the next.
            let _ = writeln!(io::stderr());
        }
    }

    fn reached_a_step(&self) -> bool {
        let steps = |done: usize| done * STEPS / self.total.max(1);
        steps(self.done - 1) < steps(self.done)
    }

    fn say(&self) {
        let Self { step, done, total, .. } = self;
        // Whoever closed standard error does not want to know.
        let _ = writeln!(io::stderr(), "{step}: {done} of {total}");
    }
}

fn bar(step: &'static str, total: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>18} {wide_bar} {pos} of {len}, {eta} left");
    let bar = ProgressBar::new(total as u64);
    bar.set_message(step);
    // The template above is one: the default style cannot be needed.
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_again_is_done_once() {
        let mut progress = Show::Nothing.step("counting", 9);
        for done in [1, 2, 3, 1, 2, 3, 4] {
            progress.rise_to(done);
        }
        assert_eq!(progress.done, 4);
    }

    #[test]
    fn each_tenth_is_said_once() {
        for total in [1, 3, 10, 1474] {
            let mut progress = Show::Nothing.step("counting", total);
            let mut said = 0;
            for _ in 0..total {
                progress.done += 1;
                said += usize::from(progress.reached_a_step());
            }
            assert_eq!(said, total.min(STEPS));
        }
    }
}
