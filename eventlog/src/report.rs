//! What the contract suites of both logs say with: what held, what did not, and short checks.

use std::fmt::{self, Debug};

use crate::{ledger, usage};

/// A promise that was not kept, and how one saw it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

impl Broken {
    /// What was seen, as a sentence.
    pub(crate) fn because(seen: impl Into<String>) -> Self {
        Self(seen.into())
    }
}

impl From<ledger::AppendError> for Broken {
    fn from(error: ledger::AppendError) -> Self {
        Self(format!("an append that should pass failed: {error}"))
    }
}

impl From<ledger::ReadError> for Broken {
    fn from(error: ledger::ReadError) -> Self {
        Self(format!("a read that should pass failed: {error}"))
    }
}

impl From<usage::AppendError> for Broken {
    fn from(error: usage::AppendError) -> Self {
        Self(format!("an append that should pass failed: {error}"))
    }
}

impl From<usage::ReadError> for Broken {
    fn from(error: usage::ReadError) -> Self {
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

    pub(crate) fn note(&mut self, rule: &'static str, verdict: Result<(), Broken>) {
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

/// Two things that must be equal.
pub(crate) fn equal<T: PartialEq + Debug>(what: &str, found: &T, promised: &T) -> Result<(), Broken> {
    if found == promised {
        return Ok(());
    }
    Err(Broken::because(format!("{what}: {found:?} instead of {promised:?}")))
}

/// A thing that must be so; `seen` is what is said otherwise.
pub(crate) fn holds(is_so: bool, seen: &str) -> Result<(), Broken> {
    if is_so { Ok(()) } else { Err(Broken::because(seen)) }
}

/// What tasks of the rule came to; a task that panicked broke the rule.
pub(crate) async fn all_of<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Result<Vec<T>, Broken> {
    let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut results = Vec::with_capacity(running.len());
    for task in running {
        results.push(task.await.map_err(|err| Broken::because(format!("a task ended: {err}")))?);
    }
    Ok(results)
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
