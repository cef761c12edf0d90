//! The same command again: later, at once, after a kill, on another path, with another body.

use serde_json::json;

use crate::support::{Client, Server};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_again_shows_the_same_token_and_no_secret() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let body = json!({"name": "ci", "scopes": ["*"]});
    let first = owner.post_once("/v1/tokens", &body, "k1").await;
    let again = owner.post_once("/v1/tokens", &body, "k1").await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body["token"]["id"], again.body["token"]["id"]);
    assert!(first.body["secret"].is_string() && first.body["secret_shown"].is_null());
    assert!(again.body["secret"].is_null() && again.body["secret_shown"] == true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_body_is_a_mistake() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    owner.post_once("/v1/tokens", &json!({"name": "ci", "scopes": ["*"]}), "k1").await;
    let other = owner.post_once("/v1/tokens", &json!({"name": "cd", "scopes": ["*"]}), "k1").await;
    assert_eq!((other.status, other.code()), (422, "idempotency_mismatch"), "{}", other.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_on_two_paths_is_two_commands() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let mut tokens = Vec::new();
    for key in ["a", "b"] {
        let issued = owner.post_once("/v1/tokens", &json!({"name": key, "scopes": ["*"]}), key).await;
        tokens.push(issued.body["token"]["id"].as_str().unwrap().to_owned());
    }
    for token in &tokens {
        let rotated = owner.post_once(&format!("/v1/tokens/{token}/rotate"), &json!({}), "same").await;
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        assert!(rotated.body["secret"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_at_once_with_one_key_one_is_shown_the_secret() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    for round in 0..10 {
        let key = format!("k{round}");
        let send = |client: Client, key: String| async move {
            client.post_once("/v1/tokens", &json!({"name": "ci", "scopes": ["*"]}), &key).await
        };
        let all: Vec<_> = (0..16).map(|_| tokio::spawn(send(owner.clone(), key.clone()))).collect();
        let mut answers = Vec::new();
        for one in all {
            answers.push(one.await.unwrap());
        }
        assert!(answers.iter().all(|it| it.status == 201));
        assert_eq!(answers.iter().filter(|it| it.body["secret"].is_string()).count(), 1);
        let id = &answers[0].body["token"]["id"];
        assert!(answers.iter().all(|it| it.body["token"]["id"] == *id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_remembered_over_a_kill() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let body = json!({"name": "ci", "scopes": ["*"]});
    let first = owner.post_once("/v1/tokens", &body, "k1").await;
    let server = Server::start_in(server.kill());
    let owner = Client::new(server.url(), owner.token());
    let again = owner.post_once("/v1/tokens", &body, "k1").await;
    assert_eq!(first.body["token"]["id"], again.body["token"]["id"]);
    assert!(again.body["secret"].is_null() && again.body["secret_shown"] == true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_said_again_is_one_organisation() {
    let server = Server::start();
    let operator = server.operator();
    let body = json!({"name": "Acme", "slug": "acme", "plan": "pro", "owner": {"email": "a@acme.test", "name": "A"}});
    let first = operator.post_once("/v1/organizations", &body, "k").await;
    let again = operator.post_once("/v1/organizations", &body, "k").await;
    let other = operator.post("/v1/organizations", &body).await;
    assert_eq!((first.status, again.status, other.status), (201, 201, 409));
    assert_eq!(first.body["owner"]["id"], again.body["owner"]["id"]);
    assert!(again.body["secret"].is_null() && again.body["secret_shown"] == true);
    assert_eq!(other.code(), "already_exists");
}
