//! What held and what did not.

use std::fmt;

use crate::ledger::{AppendError, ReadError};

/// A promise that was not kept, and how one saw it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

impl Broken {
    /// What was seen, as a sentence.
    pub(super) fn because(seen: impl Into<String>) -> Self {
        Self(seen.into())
    }
}

impl From<AppendError> for Broken {
    fn from(error: AppendError) -> Self {
        Self(format!("an append that should pass failed: {error}"))
    }
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Self(format!("a read that should pass failed: {error}"))
    }
}

/// The outcome of all rules. Prints as one line a rule.
#[derive(Clone, Default, Debug)]
pub struct Report {
    verdicts: Vec<(&'static str, Result<(), Broken>)>,
}

impl Report {
    /// Whether every rule held, and there was at least one.
    pub fn is_kept(&self) -> bool {
        !self.verdicts.is_empty() && self.broken().next().is_none()
    }

    /// The names of the rules that held.
    pub fn held(&self) -> impl Iterator<Item = &'static str> {
        self.verdicts.iter().filter(|(_, verdict)| verdict.is_ok()).map(|(rule, _)| *rule)
    }

    /// The names of the rules that did not hold, each with what was seen.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, &Broken)> {
        self.verdicts.iter().filter_map(|(rule, verdict)| Some((*rule, verdict.as_ref().err()?)))
    }

    pub(super) fn note(&mut self, rule: &'static str, verdict: Result<(), Broken>) {
        self.verdicts.push((rule, verdict));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (rule, verdict) in &self.verdicts {
            let rule = rule.replace('_', " ");
            match verdict {
                Ok(()) => writeln!(out, "held    {rule}")?,
                Err(broken) => writeln!(out, "broken  {rule}: {broken}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_held_and_what_did_not() {
        let mut report = Report::default();
        report.note("one_thing", Ok(()));
        assert!(report.is_kept());
        report.note("another_thing", Err(Broken::because("it rained")));
        assert!(!report.is_kept());
        assert_eq!(report.held().collect::<Vec<_>>(), ["one_thing"]);
        assert_eq!(report.to_string(), "held    one thing\nbroken  another thing: it rained\n");
    }

    #[test]
    fn a_report_of_nothing_is_no_promise() {
        assert!(!Report::default().is_kept());
    }
}
