//! How far a job is, on standard error: a bar on a terminal, a line at each tenth elsewhere.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// Lines that are printed from none to all.
const STEPS: u64 = 10;

/// The progress of one job.
pub(super) struct Watch {
    name: String,
    bar: Option<ProgressBar>,
    said: u64,
}

impl Watch {
    /// Of nothing yet.
    pub(super) fn of(name: &str) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(name));
        Self { name: name.to_owned(), bar, said: 0 }
    }

    /// So much is done.
    pub(super) fn show(&mut self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let step = done.saturating_mul(STEPS).checked_div(total).unwrap_or_default();
        if self.said < step {
            self.said = step;
            // Whoever closed standard error does not want to know.
            let _ = writeln!(io::stderr(), "{}: {done} of {total}", self.name);
        }
    }

    /// It is over.
    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>18} {wide_bar} {pos} of {len}, {eta} left");
    let bar = ProgressBar::new(0);
    bar.set_message(name.to_owned());
    // The template above is one: the default style cannot be needed.
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
