//! 1.4: a secret can be copied once, safely, and regenerated when it is lost.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Server};

/// A fresh token: its id and its secret.
async fn issued(owner: &Client) -> (String, String) {
    let answer = owner.post("/v1/tokens", &json!({"name": "ci", "scopes": ["*"]})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    (text(&answer.body["token"]["id"]), text(&answer.body["secret"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn code(owner: &Client, secret: &str) -> String {
    text(&owner.post("/v1/verify", &json!({ "token": secret })).await.body["code"])
}

/// The part of a secret's text that proves it: what stands before it is no secret.
fn proving(secret: &str) -> &str {
    &secret[secret.len() - 39..secret.len() - 6]
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_4_a_secret_is_one_word_shown_once_and_never_stored_by_what_lies_between() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let answer = owner.post("/v1/tokens", &json!({"name": "ci", "scopes": ["*"]})).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let secret = text(&answer.body["secret"]);
    assert!(
        secret.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_'),
        "one double click takes it all"
    );
    let id = text(&answer.body["token"]["id"]);
    let places = [format!("/v1/tokens/{id}"), "/v1/tokens".into(), format!("/v1/audit/events?target={id}")];
    for place in places {
        let shown = owner.get(&place).await;
        assert_eq!(shown.status, 200, "{place}");
        assert!(!shown.body.to_string().contains(proving(&secret)), "{place} shows the secret again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_4_a_lost_secret_is_regenerated_at_once() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let (id, lost) = issued(&owner).await;
    let again = rotate(&owner, &id, "0s").await;
    let secret = text(&again.body["secret"]);
    assert_ne!(proving(&secret), proving(&lost));
    assert_eq!(code(&owner, &lost).await, "REVOKED");
    assert_eq!(code(&owner, &secret).await, "VALID");
    assert_eq!(text(&again.body["token"]["id"]), id, "it is the same token");
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_4_a_secret_is_regenerated_without_interruption() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let (id, old) = issued(&owner).await;
    let answer = rotate(&owner, &id, "24h").await;
    let new = text(&answer.body["secret"]);
    for secret in [&old, &new] {
        assert_eq!(code(&owner, secret).await, "VALID");
    }
    let secrets = owner.get(&format!("/v1/tokens/{id}")).await.body["token"]["secrets"].clone();
    assert_eq!(secrets.as_array().unwrap().len(), 2, "both are listed, with the old one's end: {secrets}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_4_whoever_asks_again_for_a_secret_is_told_how_to_get_another() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let body = json!({"name": "ci", "scopes": ["*"]});
    let first = owner.post_once("/v1/tokens", &body, "once").await;
    let again = owner.post_once("/v1/tokens", &body, "once").await;
    assert_eq!((&again.body["secret"], &again.body["secret_shown"]), (&Value::Null, &json!(true)));
    assert_eq!(again.body["token"]["id"], first.body["token"]["id"]);
    assert!(text(&again.body["advice"]).contains("rotate"), "{}", again.body);
}

async fn rotate(owner: &Client, id: &str, overlap: &str) -> Answer {
    let answer = owner.post(&format!("/v1/tokens/{id}/rotate"), &json!({ "overlap": overlap })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}
