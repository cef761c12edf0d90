//! What the server has recorded of the questions, read back from its audit page by page.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use hyper::Method;
use serde::Deserialize;
use url::form_urlencoded;

use super::progress::Progress;
use crate::client::{Bearer, Call, Client};

/// Decisions a page.
const PAGE: usize = 100;
/// How long to wait for decisions that are not there yet, and how often: five seconds at most.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSES: usize = 50;

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

#[derive(Deserialize)]
struct Page {
    data: Vec<Decision>,
    next_cursor: Option<String>,
}

impl Records<'_> {
    /// All that is recorded, once there are so many questions or none have come for a while.
    pub(super) async fn read(&self, questions: usize, mut progress: Progress) -> anyhow::Result<Recorded> {
        let mut recorded = self.all(&mut progress).await?;
        let mut pauses = 0;
        while recorded.by_question.len() < questions && pauses < PAUSES {
            tokio::time::sleep(PAUSE).await;
            recorded = self.all(&mut progress).await?;
            pauses += 1;
        }
        progress.end();
        Ok(recorded)
    }

    async fn all(&self, progress: &mut Progress) -> anyhow::Result<Recorded> {
        let mut recorded = Recorded::default();
        let mut cursor: Option<String> = None;
        loop {
            let page = self.page(cursor.as_deref()).await.context("failed to read the recorded decisions")?;
            for decision in page.data {
                recorded.add(decision);
                progress.advance();
            }
            if page.next_cursor.is_none() {
                return Ok(recorded);
            }
            ensure!(page.next_cursor != cursor, "the list of decisions does not end: the same cursor twice");
            cursor = page.next_cursor;
        }
    }

    async fn page(&self, cursor: Option<&str>) -> anyhow::Result<Page> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("caller", self.asker).append_pair("order", "asc");
        query.append_pair("limit", &PAGE.to_string()).extend_pairs(cursor.map(|it| ("cursor", it)));
        let target = format!("/v1/audit/decisions?{}", query.finish());
        let call =
            Call { method: Method::GET, target, bearer: self.owner, idempotency_key: None, body: None };
        Ok(self.client.ask(&call).await?)
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
