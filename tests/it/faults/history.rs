//! What a client sent and what it was told, kept by the client: the measure of what a server may have lost.

use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// A command that a client sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) key: String,
}

/// A command and what was answered, if anything was.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) sent: Sent,
    pub(super) answer: Option<(u16, Value)>,
}

impl Sent {
    pub(super) fn issue(key: &str) -> Self {
        let body = json!({"name": key, "scopes": ["*"], "tags": ["kill"]});
        Self { path: "/v1/tokens".to_owned(), body, key: key.to_owned() }
    }

    pub(super) fn rotate(token: &str, key: &str) -> Self {
        let path = format!("/v1/tokens/{token}/rotate");
        Self { path, body: json!({"overlap": "0s"}), key: key.to_owned() }
    }

    pub(super) fn revoke(token: &str, key: &str) -> Self {
        let path = format!("/v1/tokens/{token}/revoke");
        Self { path, body: json!({"reason": "superseded"}), key: key.to_owned() }
    }

    pub(super) fn register(slug: &str) -> Self {
        let owner = json!({"email": format!("ada@{slug}.test"), "name": "Ada"});
        let body = json!({"name": slug, "slug": slug, "plan": "pro", "owner": owner});
        Self { path: "/v1/organizations".to_owned(), body, key: slug.to_owned() }
    }

    /// Sends it. An answer that says "try again" tells nothing.
    pub(super) async fn send(self, client: &Client) -> Told {
        let headers = [("Idempotency-Key", self.key.as_str())];
        let answer = client.try_call("POST", &self.path, &self.body.to_string(), &headers).await;
        let answer =
            answer.ok().filter(|it| it.status != 503).map(|Answer { status, body, .. }| (status, body));
        Told { sent: self, answer }
    }
}

impl Told {
    /// The same as if nothing had been answered: for what was refused, and may be done or not.
    pub(super) fn unanswered(&self) -> Self {
        Self { sent: self.sent.clone(), answer: None }
    }

    /// The id of the token that was issued, rotated or revoked.
    pub(super) fn token(&self) -> Option<&str> {
        let (_, body) = self.answer.as_ref()?;
        body["token"]["id"].as_str().or_else(|| body["token_id"].as_str())
    }

    /// The secret that was shown.
    pub(super) fn secret(&self) -> Option<&str> {
        self.answer.as_ref()?.1["secret"].as_str()
    }
}
