//! What the gate answers over HTTP, beyond any single criterion.

use serde_json::{Value, json};

use crate::support::{Client, Server};

/// An organisation with a permission of the platform's own making, and a token that has it.
async fn invoices(server: &Server) -> (Client, String) {
    let permission =
        json!({"description": "Read invoices", "risk": "low", "endpoints": ["GET /v1/invoices/*"]});
    let registered = server.operator().put("/v1/permissions/invoices:read", &permission).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let owner = server.owner_of("acme").await;
    let issued = owner.post("/v1/tokens", &json!({"name": "ci", "scopes": ["invoices:read"]})).await;
    let secret = issued.body["secret"].as_str().unwrap().to_owned();
    (owner, secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_and_the_endpoint_must_both_hold() {
    let server = Server::start();
    let (owner, secret) = invoices(&server).await;
    let ask = async |more: Value| {
        let mut question = json!({ "token": secret });
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        owner.post("/v1/verify", &question).await.body
    };
    assert_eq!(ask(json!({"permissions": ["invoices:read"]})).await["code"], "VALID");
    assert_eq!(ask(json!({"endpoint": {"method": "GET", "path": "/v1/invoices/7"}})).await["code"], "VALID");
    let missing = ask(json!({"permissions": ["invoices:read", "agents:write"]})).await;
    assert_eq!(missing["code"], "INSUFFICIENT_PERMISSIONS");
    assert_eq!(missing["missing_permissions"], json!(["agents:write"]));
    for endpoint in
        [("POST", "/v1/invoices/7"), ("GET", "/v1/invoices"), ("GET", "/v1/invoices/../tokens"), ("GET", "/")]
    {
        let denied = ask(json!({"endpoint": {"method": endpoint.0, "path": endpoint.1}})).await;
        assert_eq!(denied["code"], "INSUFFICIENT_PERMISSIONS", "{endpoint:?}");
        assert_eq!(denied["denied_by"]["layer"], "scope", "{endpoint:?}");
    }
    let both =
        json!({"permissions": ["agents:write"], "endpoint": {"method": "GET", "path": "/v1/invoices/7"}});
    assert_eq!(ask(both).await["code"], "INSUFFICIENT_PERMISSIONS");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organisation_s_token_is_not_found_and_the_platform_s_asker_finds_all() {
    let server = Server::start();
    let (_, secret) = invoices(&server).await;
    let stranger = server.owner_of("other").await;
    let question = json!({ "token": secret });
    let answer = stranger.post("/v1/verify", &question).await;
    assert_eq!(answer.status, 200);
    let mut members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["code", "position", "request_id", "valid"], "nothing is said of it");
    assert_eq!(answer.body["code"], "NOT_FOUND");
    assert_eq!(server.operator().post("/v1/verify", &question).await.body["code"], "VALID");
    let own = json!({ "token": server.operator().token() });
    assert_eq!(server.operator().post("/v1/verify", &own).await.body["code"], "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_each_question_by_itself_and_in_order() {
    let server = Server::start();
    let (owner, secret) = invoices(&server).await;
    let questions = json!({"requests": [
        {"token": secret}, {"token": "nonsense"}, {"token": secret, "cost": 2}, {"colour": "red"}, {"token": secret},
    ]});
    let answer = owner.post("/v1/verify/batch", &questions).await;
    let results = answer.body["results"].as_array().unwrap();
    let codes: Vec<&str> = results.iter().map(|it| it["code"].as_str().unwrap_or("fault")).collect();
    assert_eq!(codes, ["VALID", "NOT_FOUND", "fault", "fault", "VALID"]);
    assert_eq!(results[2]["problem"]["code"], "not_supported_yet");
    assert_eq!(results[3]["problem"]["errors"].as_array().unwrap().len(), 2, "{}", results[3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_without_the_permission_may_not_ask() {
    let server = Server::start();
    let (owner, secret) = invoices(&server).await;
    let answer = owner.with(&secret).post("/v1/verify", &json!({ "token": secret })).await;
    assert_eq!((answer.status, answer.code()), (403, "insufficient_scope"));
    assert_eq!(answer.body["required"], json!(["tokens:verify"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_changes_counts_for_the_next_question() {
    let server = Server::start();
    let (owner, secret) = invoices(&server).await;
    let question = json!({"token": secret, "endpoint": {"method": "GET", "path": "/v1/bills/7"}});
    assert_eq!(owner.post("/v1/verify", &question).await.body["code"], "INSUFFICIENT_PERMISSIONS");
    let wider = json!({"description": "Read invoices", "risk": "low", "endpoints": ["GET /v1/bills/*"]});
    assert_eq!(server.operator().put("/v1/permissions/invoices:read", &wider).await.status, 200);
    assert_eq!(owner.post("/v1/verify", &question).await.body["code"], "VALID");
    let built_in = server.operator().put("/v1/permissions/tokens:read", &wider).await;
    assert_eq!((built_in.status, built_in.code()), (409, "state_conflict"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_end_client_sends_is_judged_and_never_a_fault() {
    let server = Server::start();
    let (owner, secret) = invoices(&server).await;
    let any = json!({"description": "Any", "risk": "low", "endpoints": ["ANY /**"]});
    server.operator().put("/v1/permissions/any:thing", &any).await;
    let all = owner.post("/v1/tokens", &json!({"name": "all", "scopes": ["any:thing"]})).await;
    let all = all.body["secret"].as_str().unwrap();
    for token in ["x".repeat(50_000), String::new(), format!("{secret} "), "\u{0}\u{1d11e}".repeat(2_000)] {
        let answer = owner.post("/v1/verify", &json!({ "token": token })).await;
        assert_eq!((answer.status, &answer.body["code"]), (200, &json!("NOT_FOUND")), "{}", answer.body);
    }
    for (method, path) in
        [("get", "/x"), ("G T", "/x"), ("", "/x"), ("GET", ""), ("GET", "/\n"), ("GET", "x y")]
    {
        let endpoint = json!({"method": method, "path": path});
        let answer = owner.post("/v1/verify", &json!({"token": all, "endpoint": endpoint})).await;
        assert_eq!(answer.body["code"], "INSUFFICIENT_PERMISSIONS", "{method} {path}: {}", answer.body);
    }
    let long = "y".repeat(20_000);
    let question =
        json!({"token": secret, "user_agent": long, "client_request_id": long, "peek": false, "cost": 1});
    assert_eq!(owner.post("/v1/verify", &question).await.body["code"], "VALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_one_question_of_a_batch_touches_no_other() {
    let server = Server::start();
    let (owner, secret) = invoices(&server).await;
    let twice = format!("{{\"token\":\"{secret}\",\"token\":\"x\"}}");
    let good = format!("{{\"token\":\"{secret}\"}}");
    let body = format!("{{\"requests\":[7,null,{good},{twice},{{\"token\":\"x\"}},{{\"nope\":1}},{good}]}}");
    let answer = owner.call("POST", "/v1/verify/batch", &body, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = |it: &Value| it.get("code").unwrap_or(&it["problem"]["code"]).as_str().unwrap().to_owned();
    let results: Vec<String> = answer.body["results"].as_array().unwrap().iter().map(told).collect();
    let bad = "validation_failed";
    assert_eq!(results, [bad, bad, "VALID", bad, "NOT_FOUND", bad, "VALID"], "{}", answer.body);
}
