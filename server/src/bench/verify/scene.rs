//! The scene, built over HTTP: a permission, an organisation, its tokens, and somebody who asks about them.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    CONNECTIONS,
    answer::Sample,
    connection::{Answer, Connection},
};
use crate::bench::dice;

/// Headers that the HTTP library sets, whatever the handler does.
const OF_THE_LIBRARY: [&str; 2] = ["content-length", "date"];

/// A server with tokens, and all that is asked about them.
pub(super) struct Scene {
    /// One question about each token, in an order that looks random, ready to be sent.
    pub(super) requests: Vec<Vec<u8>>,
    /// The answer to the first.
    pub(super) sample: Sample,
    /// Bytes of that answer's body.
    body_bytes: usize,
}

impl Scene {
    /// Has a server with nothing in it issue so many tokens.
    ///
    /// # Errors
    /// When it refuses something.
    pub(super) async fn prepare(server: SocketAddr, operator: &str, tokens: u32) -> anyhow::Result<Self> {
        let mut connection = Connection::to(server).await?;
        let owner = begin(&mut connection, operator).await?;
        let gateway = json!({"name": "gateway", "scopes": ["tokens:verify"]});
        let gateway = secret(&connection.ask(&request("POST", "/v1/tokens", &owner, &gateway)).await?)?;
        let mut secrets = issue(server, Arc::from(owner), tokens).await?;
        let order = dice::shuffled(tokens);
        secrets.sort_unstable();
        let question = |it: u32| secrets.get(it as usize).map(|it| verification(&gateway, &it.1));
        let requests: Vec<_> = order.into_iter().filter_map(question).collect();
        // A new one: the server has closed the first, which was idle meanwhile.
        let mut connection = Connection::to(server).await?;
        let first = connection.ask(requests.first().context("there is no token")?).await?;
        let (sample, body_bytes) = (sample(&first)?, first.body.len());
        Ok(Self { requests, sample, body_bytes })
    }

    /// Holds the baseline's answer against ours.
    ///
    /// # Errors
    /// When a header is another, or the length of the body.
    pub(super) async fn check_same_bytes(&self, baseline: SocketAddr) -> anyhow::Result<()> {
        let mut connection = Connection::to(baseline).await?;
        let answer = connection.ask(self.requests.first().context("there is no token")?).await?;
        ensure!(answer.body.len() == self.body_bytes, "the baseline's answer has another length");
        let ours = names(self.sample.headers.iter().map(|it| it.0.as_str()));
        let baseline = names(answer.headers().map(|it| it.0).filter(|it| !OF_THE_LIBRARY.contains(it)));
        ensure!(ours == baseline, "the baseline's headers are {baseline:?}, ours {ours:?}");
        Ok(())
    }
}

/// Registers what tokens need; gives the owner's secret.
async fn begin(connection: &mut Connection, operator: &str) -> anyhow::Result<String> {
    let permission = json!({
        "description": "see invoices", "risk": "low",
        "endpoints": ["GET /v1/invoices/*"], "roles": ["owner"],
    });
    let path = "/v1/permissions/invoices:read";
    accepted(&connection.ask(&request("PUT", path, operator, &permission)).await?)?;
    let organization = json!({
        "name": "Acme", "slug": "acme", "plan": "enterprise",
        "owner": {"email": "ada@acme.test", "name": "Ada Lovelace"},
    });
    secret(&connection.ask(&request("POST", "/v1/organizations", operator, &organization)).await?)
}

/// Issues tokens on many connections; gives each with its number.
async fn issue(server: SocketAddr, owner: Arc<str>, tokens: u32) -> anyhow::Result<Vec<(u32, String)>> {
    let mut issuing = JoinSet::new();
    for first in 0..CONNECTIONS {
        let owner = Arc::clone(&owner);
        issuing.spawn(async move {
            let mut connection = Connection::to(server).await?;
            let mut secrets = Vec::new();
            for number in (first..tokens).step_by(CONNECTIONS as usize) {
                let wish = json!({"name": format!("deploy key {number:06}"), "scopes": ["invoices:read"]});
                let answer = connection.ask(&request("POST", "/v1/tokens", &owner, &wish)).await?;
                secrets.push((number, secret(&answer)?));
            }
            anyhow::Ok(secrets)
        });
    }
    let mut secrets = Vec::with_capacity(tokens as usize);
    while let Some(some) = issuing.join_next().await {
        secrets.extend(some??);
    }
    Ok(secrets)
}

/// The question that is asked about each token.
fn verification(gateway: &str, token: &str) -> Vec<u8> {
    let question = json!({
        "token": token,
        "permissions": ["invoices:read"],
        "endpoint": {"method": "GET", "path": "/v1/invoices/42"},
        "ip": "203.0.113.9",
        "user_agent": "curl/8.5.0",
    });
    request("POST", "/v1/verify", gateway, &question)
}

fn request(method: &str, path: &str, credential: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {credential}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The `secret` of an answer.
fn secret(answer: &Answer<'_>) -> anyhow::Result<String> {
    let secret = accepted(answer)?.get("secret").and_then(Value::as_str).map(str::to_owned);
    secret.context("an answer has no secret")
}

fn accepted(answer: &Answer<'_>) -> anyhow::Result<Value> {
    let body = String::from_utf8_lossy(answer.body);
    ensure!((200..300).contains(&answer.status), "the server refused: {} {body}", answer.status);
    Ok(serde_json::from_str(&body)?)
}

fn sample(answer: &Answer<'_>) -> anyhow::Result<Sample> {
    let headers = answer.headers().filter(|it| !OF_THE_LIBRARY.contains(&it.0));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let answer = serde_json::from_slice(answer.body).context("the interface answers with other fields")?;
    Ok(Sample { headers, answer })
}

fn names<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}
