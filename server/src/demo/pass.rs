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

use super::{line::Line, network::Network, progress::Progress};
use crate::client::{Bearer, Call, Client, ClientError};

/// Longest path that can be asked about, in characters. What is longer is refused for its length either way.
const LONGEST_PATH: usize = 4096;
/// Longest user agent that can be named, in characters.
const LONGEST_AGENT: usize = 1024;

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
    /// Verifies once per line, in the pass of that number.
    pub(super) async fn all(
        &self,
        number: u8,
        lines: &[Line],
        mut progress: Progress,
    ) -> anyhow::Result<Pass> {
        let began = Instant::now();
        let asking = stream::iter(lines).map(|it| self.verify(number, it)).buffer_unordered(self.at_once);
        let mut asking = std::pin::pin!(asking);
        let mut answers = HashMap::with_capacity(lines.len());
        while let Some((number, code)) = asking.try_next().await? {
            answers.insert(number, code);
            progress.advance();
        }
        progress.end();
        Ok(Pass { answers, took: began.elapsed() })
    }

    async fn verify(&self, pass: u8, line: &Line) -> anyhow::Result<(usize, String)> {
        let token = self.issued.get(&Network::of(line.client)).context("a line's network has no token")?;
        let call = Call {
            method: Method::POST,
            target: "/v1/verify".to_owned(),
            bearer: self.owner,
            idempotency_key: None,
            body: Some(question(pass, line, token)),
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

/// What a question is called, so that it is known again where it was recorded.
pub(super) fn name(pass: u8, line: usize) -> String {
    format!("{pass}-{line}")
}

fn question(pass: u8, line: &Line, token: &Bearer) -> serde_json::Value {
    let mut question = json!({
        "token": token.text(),
        "endpoint": {"method": line.method, "path": start(&line.path, LONGEST_PATH)},
        "ip": line.client.to_string(),
        "client_request_id": name(pass, line.number),
    });
    if let (Some(fields), Some(agent)) = (question.as_object_mut(), &line.user_agent) {
        fields.insert("user_agent".to_owned(), start(agent, LONGEST_AGENT).into());
    }
    question
}

/// The first characters of a text.
fn start(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_no_longer_than_the_server_takes() {
        let request = format!("GET /{} HTTP/1.1", "ä".repeat(5000));
        let text = format!("192.0.2.7 - - [x] \"{request}\" 200 1 \"-\" \"{}\"", "ö".repeat(2000));
        let line = Line::parse(1, text.as_bytes()).unwrap();
        let question = question(1, &line, &Bearer::parse("c9d_pat_x").unwrap());
        let length = |it: &serde_json::Value| it.as_str().unwrap().chars().count();
        assert_eq!(length(&question["endpoint"]["path"]), LONGEST_PATH);
        assert_eq!(length(&question["user_agent"]), LONGEST_AGENT);
        assert_eq!(question["ip"], "192.0.2.7");
    }

    #[test]
    fn an_unknown_user_agent_is_left_out() {
        let line = Line::parse(1, b"192.0.2.7 - - [x] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"").unwrap();
        let question = question(2, &line, &Bearer::parse("c9d_pat_x").unwrap());
        let expected = json!({
            "token": "c9d_pat_x", "endpoint": {"method": "GET", "path": "/"}, "ip": "192.0.2.7",
            "client_request_id": "2-1",
        });
        assert_eq!(question, expected);
    }
}
