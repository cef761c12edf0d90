//! What every request meets before it is answered, whatever it asks for.

use serde_json::{Value, json};

use crate::support::Server;

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Every operation that takes a credential: method and path, its parameters filled with what names nothing.
async fn guarded(server: &Server) -> Vec<(String, String)> {
    let document = server.nobody().get("/openapi.json").await.body;
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] != json!([]) {
                let filled = path.replace("{id}", "%ff").replace("{name}", "%ff");
                all.push((method.to_uppercase(), filled));
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_credential_nothing_else_is_looked_at() {
    let server = Server::start();
    let operations = guarded(&server).await;
    assert!(10 <= operations.len(), "{operations:?}");
    for (method, path) in operations {
        let path = format!("{path}?unheard=%&limit=many");
        let answer = server.nobody().call(&method, &path, "{\"", &[("If-Match", "7")]).await;
        assert_eq!((answer.status, answer.code()), (401, "token_missing"), "{method} {path}");
        assert!(answer.headers.contains_key("counterfoil-position"), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_nothing_else_is_looked_at_either() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let narrow = owner.post("/v1/tokens", &json!({"name": "a", "scopes": ["members:read"]})).await;
    let narrow = owner.with(narrow.body["secret"].as_str().unwrap());
    for (method, path) in guarded(&server).await {
        let answer = narrow.call(&method, &format!("{path}?unheard=%"), "{\"", &[]).await;
        let is_for_everybody = ["/v1/whoami", "/v1/projections"].contains(&path.as_str());
        let expected =
            if is_for_everybody { (400, "invalid_parameter") } else { (403, "insufficient_scope") };
        assert_eq!((answer.status, answer.code()), expected, "{method} {path}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_acts_as_an_owner_only_with_the_permission_and_platform_routes_ignore_the_organization() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let me = owner.get("/v1/whoami").await.body;
    let header = ("Counterfoil-Organization", me["organization"].as_str().unwrap().to_owned());
    let header = (header.0, header.1.as_str());
    let operator = server.operator();
    let body = json!({"name": "B", "slug": "b", "plan": "free", "owner": {"email": "b@b.test", "name": "B"}});
    let registered = operator.call("POST", "/v1/organizations", &body.to_string(), &[header]).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let body = json!({"description": "Read\nx", "risk": "low", "endpoints": [], "retired": false});
    let registered = operator.call("PUT", "/v1/permissions/x:read", &body.to_string(), &[header]).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let tokens = operator.call("GET", "/v1/tokens", "", &[header]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(operator.get("/v1/tokens").await.code(), "organization_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_s_token_sees_and_revokes_itself() {
    let server = Server::start();
    let operator = server.operator();
    let id = operator.get("/v1/whoami").await.body["token_id"].as_str().unwrap().to_owned();
    let shown = operator.get(&format!("/v1/tokens/{id}")).await;
    assert_eq!((shown.status, &shown.body["token"]["id"]), (200, &json!(id)), "{}", shown.body);
    let other = operator.get("/v1/tokens/tok_0000000000000000000001").await;
    assert_eq!(other.code(), "organization_required");
    let revoked = operator.post(&format!("/v1/tokens/{id}/revoke"), &json!({"reason": "superseded"})).await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);
    assert_eq!(operator.get("/v1/whoami").await.code(), "token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_no_command_whatever_key_it_brings() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let body = json!({"name": "a", "scopes": ["*"]}).to_string();
    let key = ("Idempotency-Key", "k-1");
    let tried = owner.call("POST", "/v1/tokens?dry_run=true", &body, &[JSON, key]).await;
    assert_eq!((tried.status, &tried.body["secret"]), (200, &Value::Null), "{}", tried.body);
    let done = owner.call("POST", "/v1/tokens", &body, &[JSON, key]).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let other = json!({"name": "b", "scopes": ["*"]}).to_string();
    let tried = owner.call("POST", "/v1/tokens?dry_run=true", &other, &[JSON, key]).await;
    assert_eq!((tried.status, &tried.body["token"]["name"]), (200, &json!("b")), "{}", tried.body);
    let odd = owner.call("POST", "/v1/tokens?dry_run=1", &body, &[JSON]).await;
    assert_eq!(odd.code(), "invalid_parameter");
    assert!(odd.body["detail"].as_str().unwrap().contains("true or false"), "{}", odd.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_of_the_path_is_the_same_command() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let issued = owner.post("/v1/tokens", &json!({"name": "a", "scopes": ["*"]})).await;
    let id = issued.body["token"]["id"].as_str().unwrap();
    let key = ("Idempotency-Key", "k-1");
    let rotate =
        async |id: String| owner.call("POST", &format!("/v1/tokens/{id}/rotate"), "{}", &[JSON, key]).await;
    let first = rotate(id.to_owned()).await;
    assert!(first.body["secret"].is_string(), "{}", first.body);
    let again = rotate(id.replace("tok_", "tok%5F")).await;
    assert_eq!((again.status, &again.body["secret_shown"]), (200, &json!(true)), "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_exist_and_does_not_is_a_failed_precondition() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let absent = "/v1/tokens/tok_0000000000000000000001/rotate";
    let answer = owner.call("POST", absent, "{}", &[JSON, ("If-Match", "*")]).await;
    assert_eq!((answer.status, answer.code()), (412, "version_mismatch"), "{}", answer.body);
    assert_eq!(owner.call("POST", absent, "{}", &[JSON]).await.code(), "not_found");
    let body = json!({"name": "a", "scopes": ["*"]}).to_string();
    let elsewhere = owner.call("POST", "/v1/tokens", &body, &[JSON, ("If-Match", "nonsense")]).await;
    assert_eq!(elsewhere.status, 201, "only where it means something: {}", elsewhere.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_ends_soon_is_told_so_on_every_answer() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let told = |answer: &crate::support::Answer| answer.headers.contains_key("counterfoil-token-expires");
    for (expires_in, expected) in [("29d", true), ("31d", false)] {
        let body = json!({"name": "a", "scopes": ["*"], "expires_in": expires_in});
        let issued = owner.post("/v1/tokens", &body).await;
        let caller = owner.with(issued.body["secret"].as_str().unwrap());
        let question = json!({"token": "x"});
        for answer in [
            caller.get("/v1/whoami").await,
            caller.get("/v1/tokens/tok_0000000000000000000001").await,
            caller.post("/v1/verify", &question).await,
        ] {
            assert_eq!(told(&answer), expected, "{expires_in}: {}", answer.body);
            assert!(answer.headers.contains_key("counterfoil-position"), "{}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_beyond_the_ledger_name_what_they_were_sent_in() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    for name in ["after", "min_position"] {
        for (value, code) in [("1-999999", "invalid_parameter"), ("7", "invalid_parameter")] {
            let answer = owner.get(&format!("/v1/audit/events?{name}={value}")).await;
            assert_eq!((answer.status, answer.code()), (400, code), "{}", answer.body);
            assert!(answer.body["detail"].as_str().unwrap().starts_with(name), "{}", answer.body);
        }
    }
    let header = [("Counterfoil-Position", "7")];
    assert_eq!(owner.call("GET", "/v1/audit/events", "", &header).await.code(), "invalid_header");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_personal_data_cannot_search_by_it() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let reader = owner.post("/v1/tokens", &json!({"name": "a", "scopes": ["audit:read"]})).await;
    let reader = owner.with(reader.body["secret"].as_str().unwrap());
    let refused = reader.get("/v1/audit/events?ip=127.0.0.1").await;
    assert_eq!((refused.status, refused.code()), (403, "insufficient_scope"), "{}", refused.body);
    assert_eq!(refused.body["required"], json!(["personal-data:read"]));
    for q in ["127.0.0.1", "ada@acme", "Ada"] {
        let path = format!("/v1/audit/events?q={q}");
        assert_ne!(owner.get(&path).await.body["data"], json!([]), "{q}");
        assert_eq!(reader.get(&path).await.body["data"], json!([]), "{q}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_token_that_the_schema_lets_pass_is_issued() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    let wide = |length: usize| "\u{1d11e}".repeat(length);
    let tags: Vec<String> = (0..20).map(|it| format!("{}{it:02}", wide(30))).collect();
    let metadata: serde_json::Map<String, Value> =
        (0..16).map(|it| (format!("{}{it:02}", wide(38)), wide(120).into())).collect();
    let operator = server.operator();
    let mut scopes = Vec::new();
    for at in 0..50 {
        let scope = format!("{}:{}{at:02}", "r".repeat(40), "a".repeat(38));
        let permission = json!({"description": "x", "risk": "low", "endpoints": []});
        let registered = operator.put(&format!("/v1/permissions/{scope}"), &permission).await;
        assert_eq!(registered.status, 201, "{}", registered.body);
        scopes.push(scope);
    }
    let body = json!({
        "name": wide(100), "scopes": scopes, "tags": tags, "metadata": metadata, "external_id": wide(100),
        "description": wide(400), "reason": wide(400), "expires_in": "365d",
    });
    let agent = "u".repeat(4_000);
    let answer = owner.call("POST", "/v1/tokens", &body.to_string(), &[JSON, ("User-Agent", &agent)]).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}
