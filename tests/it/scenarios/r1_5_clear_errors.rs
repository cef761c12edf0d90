//! 1.5: when a token is not issued, the answer says what is wrong, all of it, and how to mend it.

use serde_json::json;

use crate::support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn r1_5_all_faults_of_a_body_are_told_at_once() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let body = json!({
        "name": "", "scopes": ["tokens:read", "Tokens", 7], "expires_in": "ten days", "colour": "red",
        "tags": [""], "team": "team_x",
    });
    let answer = owner.post("/v1/tokens", &body).await;
    assert_eq!((answer.status, answer.code()), (422, "validation_failed"), "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let mut faults = answer.faults();
    faults.sort();
    let expected = [
        "/colour unknown_field",
        "/expires_in duration_invalid",
        "/name out_of_range",
        "/scopes/1 scope_unknown",
        "/scopes/2 wrong_type",
        "/tags/0 out_of_range",
        "/team not_supported_yet",
    ];
    assert_eq!(faults, expected, "{}", answer.body);
    assert!(
        answer.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["detail"].as_str().is_some_and(|it| 10 < it.len()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_5_what_cannot_be_read_is_told_with_its_place() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let json_type = ("Content-Type", "application/json");
    let cases = [
        ("{\"name\":", json_type, 400, "malformed_json"),
        ("[]", json_type, 422, "validation_failed"),
        ("{\"name\":\"a\",\"name\":\"b\",\"scopes\":[\"*\"]}", json_type, 422, "validation_failed"),
        ("name=a", ("Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_media_type"),
    ];
    for (body, header, status, code) in cases {
        let answer = owner.call("POST", "/v1/tokens", body, &[header]).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}: {}", answer.body);
    }
    let deep = format!("{{\"metadata\":{}{}}}", "[".repeat(40), "]".repeat(40));
    assert_eq!(owner.call("POST", "/v1/tokens", &deep, &[json_type]).await.code(), "too_deep");
    let large = format!("{{\"name\":\"{}\"}}", "a".repeat(70_000));
    assert_eq!(owner.call("POST", "/v1/tokens", &large, &[json_type]).await.code(), "body_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_5_rules_that_stand_against_a_token_are_named() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let cases = [
        (json!({"name": "a", "scopes": ["no:such"]}), 422, "validation_failed", "/scopes/0 scope_unknown"),
        (
            json!({"name": "a", "scopes": ["*"], "expires_in": "366d"}),
            422,
            "policy_violation",
            "/expires_in expiry_exceeds_policy",
        ),
        (
            json!({"name": "a", "scopes": ["*"], "never_expires": true}),
            422,
            "policy_violation",
            "/never_expires never_expires_not_allowed",
        ),
        (
            json!({"name": "a", "scopes": ["*"], "expires_at": "2001-01-01T00:00:00Z"}),
            422,
            "validation_failed",
            "/expires_at time_in_past",
        ),
        (
            json!({"name": "a", "scopes": ["agents:read/agt_1"]}),
            422,
            "not_supported_yet",
            "/scopes/0 not_supported_yet",
        ),
        (
            json!({"name": "a", "scopes": ["*"], "limits": []}),
            422,
            "not_supported_yet",
            "/limits not_supported_yet",
        ),
    ];
    for (body, status, code, fault) in cases {
        let answer = owner.post("/v1/tokens", &body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}: {}", answer.body);
        assert_eq!(answer.faults(), [fault], "{body}: {}", answer.body);
    }
    let list = owner.get("/v1/tokens").await;
    assert_eq!(list.body["data"].as_array().unwrap().len(), 1, "nothing was issued but the first token");
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_5_nobody_gives_more_than_they_have() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let platform = owner.post("/v1/tokens", &json!({"name": "a", "scopes": ["platform:verify"]})).await;
    assert_eq!((platform.status, platform.code()), (403, "scope_exceeds_role"), "{}", platform.body);
    assert_eq!(platform.body["excess"], json!(["platform:verify"]));
    assert_eq!(platform.body["grantable_by"], json!(["operator"]));
    let narrow = owner.post("/v1/tokens", &json!({"name": "b", "scopes": ["tokens:write"]})).await;
    let narrow = owner.with(narrow.body["secret"].as_str().unwrap());
    let wide =
        narrow.post("/v1/tokens", &json!({"name": "c", "scopes": ["tokens:read", "members:read"]})).await;
    assert_eq!((wide.status, wide.code()), (403, "scope_exceeds_caller"), "{}", wide.body);
    assert_eq!(wide.body["excess"], json!(["members:read"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_5_credentials_that_will_not_do_are_told_why_and_guesses_learn_nothing() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let body = json!({"name": "a", "scopes": ["*"]});
    assert_eq!(server.nobody().post("/v1/tokens", &body).await.code(), "token_missing");
    let mut answers = Vec::new();
    let unknown = "c9d_pat_0DDxbXkYnw0WhV04hRzgefUy8S7YcHUrJGoeiJTKldGueU32OXj3z";
    for guess in ["nonsense", unknown] {
        let mut answer = owner.with(guess).post("/v1/tokens", &body).await;
        assert_eq!((answer.status, answer.code()), (401, "token_invalid"));
        answer.body["request_id"].take();
        answers.push(answer.body);
    }
    assert_eq!(answers[0], answers[1]);
    let reader = owner.post("/v1/tokens", &json!({"name": "reader", "scopes": ["tokens:read"]})).await;
    let refused = owner.with(reader.body["secret"].as_str().unwrap()).post("/v1/tokens", &body).await;
    assert_eq!((refused.status, refused.code()), (403, "insufficient_scope"));
    assert_eq!(refused.body["required"], json!(["tokens:write"]));
    assert!(refused.body["grantable_by"].as_array().unwrap().contains(&json!("developer")));
    let id = reader.body["token"]["id"].as_str().unwrap();
    owner.post(&format!("/v1/tokens/{id}/revoke"), &json!({"reason": "superseded"})).await;
    let dead = owner.with(reader.body["secret"].as_str().unwrap()).get("/v1/whoami").await;
    assert_eq!((dead.status, dead.code()), (401, "token_revoked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_5_each_problem_has_a_page() {
    let server = Server::start();
    let answer = server.nobody().get("/v1/nothing-here").await;
    assert_eq!((answer.status, answer.code()), (404, "not_found"));
    let page = server.nobody().get(answer.body["type"].as_str().unwrap()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.as_str().is_some_and(|it| it.contains("not_found")));
}
