//! What the server has recorded of the questions, read back from its audit page by page.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use serde::Deserialize;

use super::progress::Progress;
use crate::client::{Bearer, Client};

/// How long after the first look another one is begun, for decisions that are not there yet.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks for what was recorded of an owner's questions.
pub(super) struct Records<'d> {
    pub(super) client: &'d Client,
    pub(super) owner: &'d Bearer,
    /// The id of the owner's token, which asked.
    pub(super) asker: &'d str,
}

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Decision {
    pub(super) code: String,
    /// Where the call came from, as far as the server tells it.
    #[serde(default)]
    pub(super) ip: Option<String>,
    /// The name that the question had.
    #[serde(default)]
    pub(super) client_request_id: Option<String>,
    /// How many decisions it stands for.
    pub(super) count: u64,
}

/// What is recorded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Recorded {
    /// The decision of each question, by its name.
    pub(super) by_question: BTreeMap<String, Decision>,
    /// Decisions beyond the first of a question: it was asked again after a connection broke.
    pub(super) again: u64,
    /// Decisions about no question that had a name.
    pub(super) nameless: u64,
}

impl Records<'_> {
    /// All that is recorded, once there are so many questions or the time to wait is over.
    pub(super) async fn read(&self, questions: usize, mut progress: Progress) -> anyhow::Result<Recorded> {
        let began = Instant::now();
        let mut recorded = self.all(&mut progress).await?;
        while recorded.by_question.len() < questions && began.elapsed() < PATIENCE {
            tokio::time::sleep(PAUSE).await;
            recorded = self.all(&mut progress).await?;
        }
        progress.end();
        Ok(recorded)
    }

    async fn all(&self, progress: &mut Progress) -> anyhow::Result<Recorded> {
        let mut recorded = Recorded::default();
        let query = [("caller", self.asker), ("order", "asc")];
        let add = |decision| {
            recorded.add(decision);
            progress.rise_to(recorded.by_question.len());
        };
        let read = self.client.all("/v1/audit/decisions", &query, self.owner, add).await;
        read.context("failed to read the recorded decisions")?;
        Ok(recorded)
    }
}

impl Recorded {
    fn add(&mut self, decision: Decision) {
        match decision.client_request_id.clone() {
            None => self.nameless += decision.count,
            Some(name) if self.by_question.contains_key(&name) => self.again += decision.count,
            Some(name) => {
                self.again += decision.count.saturating_sub(1);
                self.by_question.insert(name, decision);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_counts_once_however_often_it_was_asked() {
        let decision = |name: Option<&str>, count| Decision {
            code: "VALID".to_owned(),
            ip: None,
            client_request_id: name.map(str::to_owned),
            count,
        };
        let mut recorded = Recorded::default();
        for it in [decision(Some("1-1"), 1), decision(Some("1-1"), 1), decision(Some("1-2"), 1)] {
            recorded.add(it);
        }
        recorded.add(decision(None, 3));
        assert_eq!((recorded.by_question.len(), recorded.again, recorded.nameless), (2, 1, 3));
    }
}
