//! One pass over the file: each line asked of the gate, as a gateway would.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    bearer::Bearer,
    client::{Call, Client, ClientError},
    line::Line,
    network::Network,
    progress::Progress,
};

/// Asks, as the owner, about the tokens that were issued.
pub(super) struct Asking<'d> {
    pub(super) client: &'d Client,
    pub(super) owner: &'d Bearer,
    pub(super) issued: &'d HashMap<Network, Bearer>,
    /// Questions under way at once.
    pub(super) at_once: usize,
}

/// What the server said to each line.
pub(super) struct Pass {
    /// Its code for each line, by the line's number.
    pub(super) answers: HashMap<usize, String>,
    /// How long the pass took.
    pub(super) took: Duration,
}

#[derive(Deserialize)]
struct Verified {
    code: String,
}

impl Asking<'_> {
    /// Verifies once per line.
    pub(super) async fn all(&self, lines: &[Line], mut progress: Progress) -> anyhow::Result<Pass> {
        let began = Instant::now();
        let asking = stream::iter(lines).map(|it| self.verify(it)).buffer_unordered(self.at_once);
        let mut asking = std::pin::pin!(asking);
        let mut answers = HashMap::with_capacity(lines.len());
        while let Some((number, code)) = asking.try_next().await? {
            answers.insert(number, code);
            progress.advance();
        }
        progress.end();
        Ok(Pass { answers, took: began.elapsed() })
    }

    async fn verify(&self, line: &Line) -> anyhow::Result<(usize, String)> {
        let token = self.issued.get(&Network::of(line.client)).context("a line's network has no token")?;
        let call = Call {
            method: Method::POST,
            target: "/v1/verify".to_owned(),
            bearer: self.owner,
            idempotency_key: None,
            body: Some(question(line, token)),
        };
        match self.client.ask::<Verified>(&call).await {
            Ok(verified) => Ok((line.number, verified.code)),
            // A line that the server cannot even be asked about is an answer to that line, not the end of all.
            Err(ClientError::Refused { status: 422, problem, .. }) => {
                Ok((line.number, format!("422 {}", problem.code)))
            }
            Err(err) => Err(err).with_context(|| format!("failed to verify line {}", line.number)),
        }
    }
}

fn question(line: &Line, token: &Bearer) -> serde_json::Value {
    let mut question = json!({
        "token": token.text(),
        "endpoint": {"method": line.method, "path": line.path},
        "ip": line.client.to_string(),
    });
    if let (Some(fields), Some(agent)) = (question.as_object_mut(), &line.user_agent) {
        fields.insert("user_agent".to_owned(), agent.as_str().into());
    }
    question
}
