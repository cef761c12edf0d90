//! 1.1: a token is unique, cryptographically secure, and expires as it was configured to.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Client, Patience, Server};

async fn issue(owner: &Client, body: Value) -> Value {
    let answer = owner.post("/v1/tokens", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

async fn verify(owner: &Client, secret: &str) -> String {
    let answer = owner.post("/v1/verify", &json!({ "token": secret })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["code"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_1_a_token_is_unique_and_shown_once() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let mut secrets = HashSet::new();
    for n in 0..50 {
        let issued = issue(&owner, json!({"name": format!("ci-{n}"), "scopes": ["*"]})).await;
        let secret = issued["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("c9d_pat_") && secret.len() == 61, "{secret}");
        assert!(secret.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_'));
        assert_eq!(verify(&owner, &secret).await, "VALID");
        let id = issued["token"]["id"].as_str().unwrap();
        let shown = owner.get(&format!("/v1/tokens/{id}")).await;
        assert!(!shown.body.to_string().contains(&secret[22..55]), "the secret is shown nowhere else");
        assert!(secret.starts_with(shown.body["token"]["display"].as_str().unwrap().trim_end_matches('…')));
        assert!(secrets.insert(secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_1_every_changed_character_of_a_secret_is_found_out() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let secret =
        issue(&owner, json!({"name": "ci", "scopes": ["*"]})).await["secret"].as_str().unwrap().to_owned();
    for at in 0..secret.len() {
        let mut other = secret.clone().into_bytes();
        other[at] = if other[at] == b'a' { b'b' } else { b'a' };
        assert_eq!(verify(&owner, &String::from_utf8(other).unwrap()).await, "NOT_FOUND", "character {at}");
    }
    assert_eq!(verify(&owner, &secret).await, "VALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_1_the_expiry_is_configurable() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let days = |token: &Value| {
        let instant =
            |field: &str| -> domain::time::Timestamp { token[field].as_str().unwrap().parse().unwrap() };
        instant("expires_at").since(instant("created_at")).to_string()
    };
    let plain = issue(&owner, json!({"name": "plain", "scopes": ["*"]})).await;
    assert_eq!(days(&plain["token"]), "90d");
    let short = issue(&owner, json!({"name": "short", "scopes": ["*"], "expires_in": "PT36H"})).await;
    assert_eq!(days(&short["token"]), "36h");
    let soon = issue(
        &owner,
        json!({"name": "soon", "scopes": ["*"], "expires_in": "364d",
        "starts_at": in_an_hour(&plain["token"])}),
    )
    .await;
    assert_eq!(soon["token"]["status"], "pending");
    assert_eq!(verify(&owner, soon["secret"].as_str().unwrap()).await, "NOT_YET_VALID");
}

/// An hour after a token was issued, by the server's own clock.
fn in_an_hour(token: &Value) -> String {
    let now: domain::time::Timestamp = token["created_at"].as_str().unwrap().parse().unwrap();
    now.plus(domain::time::Lifespan::hours(1)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_1_an_expired_token_is_refused_at_the_instant_and_the_fact_follows() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let issued = issue(&owner, json!({"name": "brief", "scopes": ["*"], "expires_in": "1s"})).await;
    let (id, secret) = (issued["token"]["id"].as_str().unwrap(), issued["secret"].as_str().unwrap());
    let expires_at: domain::time::Timestamp =
        issued["token"]["expires_at"].as_str().unwrap().parse().unwrap();
    let patience = Patience::default();
    while owner.with(secret).get("/v1/whoami").await.status == 200 {
        patience.goes_on("the token is accepted for ever");
    }
    let refused = owner.with(secret).get("/v1/whoami").await;
    assert_eq!((refused.status, refused.code()), (401, "token_expired"));
    assert_eq!(refused.body["at"], expires_at.to_string());
    assert_eq!(verify(&owner, secret).await, "EXPIRED");
    let facts = format!("/v1/audit/events?target={id}&action=token.expired");
    while owner.get(&facts).await.body["data"][0].is_null() {
        patience.goes_on("no fact follows");
    }
    let facts = owner.get(&facts).await.body["data"].as_array().unwrap().clone();
    let recorded_at: domain::time::Timestamp = facts[0]["recorded_at"].as_str().unwrap().parse().unwrap();
    assert!(recorded_at.since(expires_at) <= domain::time::Lifespan::seconds(1), "{recorded_at}");
    assert_eq!(facts.len(), 1);
    let shown = owner.get(&format!("/v1/tokens/{id}")).await;
    assert_eq!(shown.body["token"]["status"], "expired");
}
