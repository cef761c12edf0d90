//! 5.1: what is done to tokens leaves a trail: the fact, and the call that led to it.

use serde_json::{Value, json};

use crate::support::decisions::all_decisions;
use crate::support::{Client, Server};

/// The call that a problem or a fact names by its request id.
async fn call_of(owner: &Client, request_id: &Value) -> Value {
    let id = request_id.as_str().unwrap();
    let found = all_decisions(owner, &format!("request_id={id}")).await;
    assert_eq!(found.len(), 1, "{id}: {found:?}");
    found[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_1_each_change_of_a_token_names_the_call_that_made_it_and_refusals_are_recorded_too() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let wish = json!({"name": "ci", "scopes": ["tokens:read"]});
    let issued = owner.call("POST", "/v1/tokens", &wish.to_string(), &[("User-Agent", "trail/1")]).await;
    let (id, secret) =
        (issued.body["token"]["id"].as_str().unwrap(), issued.body["secret"].as_str().unwrap());
    assert_eq!(owner.post(&format!("/v1/tokens/{id}/rotate"), &json!({"overlap": "1h"})).await.status, 200);
    let revoked = owner.post(&format!("/v1/tokens/{id}/revoke"), &json!({"reason": "superseded"})).await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);

    let trail = owner.get(&format!("/v1/audit/events?target={id}&order=asc")).await.body;
    let me = owner.get("/v1/whoami").await.body;
    let expected = [
        ("token.issued.v1", "POST /v1/tokens"),
        ("token.secret_rotated.v1", "POST /v1/tokens/{id}/rotate"),
        ("token.revoked.v1", "POST /v1/tokens/{id}/revoke"),
    ];
    let events = trail["data"].as_array().unwrap();
    assert_eq!(events.len(), expected.len());
    for (event, (kind, endpoint)) in events.iter().zip(expected) {
        assert_eq!(event["kind"], kind);
        let call = call_of(&owner, &event["request_id"]).await;
        assert_eq!((&call["code"], &call["endpoint"]), (&json!("VALID"), &json!(endpoint)));
        assert_eq!((&call["token"], &call["ip"]), (&me["token_id"], &event["ip"]));
        assert_eq!(call["token"], event["actor"]["token"]);
    }
    let call = call_of(&owner, &events[0]["request_id"]).await;
    assert_eq!(call["user_agent"], "trail/1");

    let dead = owner.with(secret).get("/v1/tokens").await;
    assert_eq!((dead.status, dead.code()), (401, "token_revoked"));
    let call = call_of(&owner, &dead.body["request_id"]).await;
    assert_eq!((&call["code"], &call["token"]), (&json!("REVOKED"), &json!(id)));
    let reader = owner.post("/v1/tokens", &wish).await;
    let reader = owner.with(reader.body["secret"].as_str().unwrap());
    let refused = reader.post("/v1/tokens", &wish).await;
    assert_eq!((refused.status, refused.code()), (403, "insufficient_scope"));
    let call = call_of(&owner, &refused.body["request_id"]).await;
    assert_eq!((&call["code"], &call["layer"]), (&json!("INSUFFICIENT_PERMISSIONS"), &json!("scope")));
    assert_eq!(call["endpoint"], "POST /v1/tokens");
}
