//! 5.4: security logs are searched, with the addresses that calls came from.

use serde_json::{Value, json};

use crate::support::decisions::{all_decisions, decisions};
use crate::support::{Client, Server};

/// A call: the words that tell it from the others, and what was answered.
#[derive(Clone, Debug)]
struct Call {
    token: usize,
    ip: &'static str,
    permission: &'static str,
    code: String,
    request_id: String,
    own_id: String,
}

/// An organisation with two tokens, of which the second is revoked in the midst of their calls.
struct Scene {
    /// Kept so that it lives as long.
    _server: Server,
    owner: Client,
    stranger: Client,
    tokens: [String; 2],
    calls: Vec<Call>,
}

const ADDRESSES: [&str; 4] = ["203.0.113.9", "203.0.113.77", "198.51.100.1", "2001:db8:7::9"];

impl Scene {
    async fn played() -> Self {
        let server = Server::start();
        let permission = json!({"description": "Read invoices", "risk": "low", "endpoints": []});
        server.operator().put("/v1/permissions/invoices:read", &permission).await;
        let (owner, stranger) = (server.owner_of("acme").await, server.owner_of("other").await);
        let (one, other) = (issued(&owner, "one").await, issued(&owner, "other").await);
        let (tokens, secrets) = ([one.0, other.0], [one.1, other.1]);
        let mut scene = Self { _server: server, owner, stranger, tokens, calls: Vec::new() };
        scene.call_all(&secrets).await;
        let path = format!("/v1/tokens/{}/revoke", scene.tokens[1]);
        assert_eq!(scene.owner.post(&path, &json!({"reason": "superseded"})).await.status, 200);
        scene.call_all(&secrets).await;
        scene
    }

    /// Each token from each address for what it may and for what it may not.
    async fn call_all(&mut self, secrets: &[String; 2]) {
        for (token, secret) in secrets.iter().enumerate() {
            for ip in ADDRESSES {
                for permission in ["invoices:read", "agents:write"] {
                    let own_id = format!("mine-{}", self.calls.len());
                    let question = json!({
                        "token": secret, "permissions": [permission], "ip": ip,
                        "user_agent": "invoices/2", "client_request_id": own_id,
                    });
                    let answer = self.owner.post("/v1/verify", &question).await;
                    let text = |it: &str| answer.body[it].as_str().unwrap().to_owned();
                    let (code, request_id) = (text("code"), text("request_id"));
                    self.calls.push(Call { token, ip, permission, code, request_id, own_id });
                }
            }
        }
    }

    /// The request ids of the calls that are meant, the newest first.
    fn meant(&self, is_meant: impl Fn(&Call) -> bool) -> Vec<String> {
        self.calls.iter().rev().filter(|it| is_meant(it)).map(|it| it.request_id.clone()).collect()
    }

    /// What a search among the calls finds.
    async fn found(&self, filters: &str) -> Vec<String> {
        let tokens = self.tokens.iter().map(String::as_str);
        let decisions = all_decisions(&self.owner, filters).await.into_iter();
        let of_calls = decisions.filter(|it| tokens.clone().any(|token| it["token"] == *token));
        of_calls.map(|it| it["request_id"].as_str().unwrap().to_owned()).collect()
    }
}

async fn issued(owner: &Client, name: &str) -> (String, String) {
    let answer = owner.post("/v1/tokens", &json!({"name": name, "scopes": ["invoices:read"]})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let text = |pointer: &str| answer.body.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    (text("/token/id"), text("/secret"))
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_4_each_call_is_found_exactly_once_by_token_address_outcome_time_and_id() {
    let scene = Scene::played().await;
    for (number, token) in scene.tokens.iter().enumerate() {
        let of_token = scene.meant(|it| it.token == number);
        assert_eq!(of_token.len(), 16);
        decisions(&scene.owner, &format!("token={token}"), 16).await;
        assert_eq!(scene.found(&format!("token={token}")).await, of_token);
        assert_eq!(scene.found(&format!("token={token}&limit=3")).await, of_token, "in pages");
    }
    for ip in ADDRESSES {
        assert_eq!(scene.found(&format!("ip={ip}")).await, scene.meant(|it| it.ip == ip));
    }
    let near = scene.meant(|it| it.ip.starts_with("203.0.113."));
    assert_eq!(scene.found("ip=203.0.113.0/24&limit=5").await, near);
    for code in ["VALID", "INSUFFICIENT_PERMISSIONS", "REVOKED"] {
        let of_code = scene.meant(|it| it.code == code);
        assert!(!of_code.is_empty());
        assert_eq!(scene.found(&format!("outcome={code}")).await, of_code);
    }
    let either = scene.meant(|it| it.code != "VALID" && it.permission == "agents:write");
    let filters = "outcome=REVOKED&outcome=INSUFFICIENT_PERMISSIONS&permission=agents:write";
    assert_eq!(scene.found(filters).await, either);
    assert_eq!(scene.found("outcome=RATE_LIMITED").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_4_a_call_is_found_by_its_id_and_its_time_and_shown_as_it_was_answered() {
    let scene = Scene::played().await;
    let token = &scene.tokens[0];
    let all = decisions(&scene.owner, &format!("token={token}&order=asc"), 16).await;
    let whoami = scene.owner.get("/v1/whoami").await.body;
    for (shown, call) in all.iter().zip(scene.calls.iter().filter(|it| it.token == 0)) {
        let by_id = all_decisions(&scene.owner, &format!("request_id={}", call.request_id)).await;
        assert_eq!(by_id, std::slice::from_ref(shown));
        assert_eq!(shown["code"], call.code);
        assert_eq!(shown["ip"], call.ip);
        assert_eq!(shown["permission"], call.permission);
        assert_eq!(shown["client_request_id"], call.own_id);
        assert_eq!(shown["user_agent"], "invoices/2");
        assert_eq!(shown["caller"], whoami["token_id"]);
        assert_eq!(shown["holder"]["id"], whoami["holder"]["id"]);
        assert_eq!((&shown["count"], &shown["peek"]), (&json!(1), &json!(false)));
        assert_eq!(shown["personal"], "visible");
        let at = shown["at"].as_str().unwrap();
        let from_then_on = scene.found(&format!("token={token}&order=asc&from={at}")).await;
        assert_eq!(from_then_on[0], call.request_id);
        let before = scene.found(&format!("token={token}&to={at}")).await;
        assert!(!before.contains(&call.request_id));
        assert_eq!(before.len() + from_then_on.len(), 16);
        let own = format!("client_request_id={}&from={at}", call.own_id);
        assert_eq!(scene.found(&own).await, std::slice::from_ref(&call.request_id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_4_junk_is_counted_and_belongs_to_who_asked() {
    let server = Server::start();
    let (owner, stranger) = (server.owner_of("acme").await, server.owner_of("other").await);
    let mut ids = Vec::new();
    for number in 0..25 {
        let junk = json!({"token": format!("c9d_pat_junk{number}"), "ip": "203.0.113.9"});
        let answer = owner.post("/v1/verify", &junk).await;
        assert_eq!(answer.body["code"], "NOT_FOUND");
        ids.push(answer.body["request_id"].as_str().unwrap().to_owned());
    }
    let rows = decisions(&owner, "outcome=NOT_FOUND", 25).await;
    assert!(rows.iter().all(|it| it["token"].is_null() && it["ip"] == "203.0.113.0/24"), "{rows:?}");
    assert_eq!(all_decisions(&owner, "ip=203.0.113.9").await, rows, "its network is found by the address");
    for id in &ids {
        let found = all_decisions(&owner, &format!("request_id={id}")).await;
        assert!(!found.is_empty() && found.iter().all(|it| rows.contains(it)), "{id}: {found:?}");
    }
    assert_eq!(all_decisions(&stranger, "outcome=NOT_FOUND").await, Vec::<Value>::new());
    assert_eq!(all_decisions(&stranger, &format!("request_id={}", ids[0])).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_4_who_may_not_see_addresses_sees_none_and_finds_nothing_by_them() {
    let scene = Scene::played().await;
    let wish = json!({"name": "auditor", "scopes": ["audit:read"]});
    let answer = scene.owner.post("/v1/tokens", &wish).await;
    let auditor = scene.owner.with(answer.body["secret"].as_str().unwrap());
    let filter = format!("token={}", scene.tokens[0]);
    let shown = decisions(&auditor, &filter, 16).await;
    let is_hidden =
        |it: &Value| it["ip"].is_null() && it["user_agent"].is_null() && it["personal"] == "hidden";
    assert!(shown.iter().all(is_hidden), "{shown:?}");
    let by_address = auditor.get("/v1/audit/decisions?ip=203.0.113.9").await;
    assert_eq!((by_address.status, by_address.code()), (403, "insufficient_scope"));

    let wish = json!({"name": "reader", "scopes": ["tokens:read"]});
    let answer = scene.owner.post("/v1/tokens", &wish).await;
    let reader = scene.owner.with(answer.body["secret"].as_str().unwrap());
    assert_eq!(reader.get("/v1/audit/decisions").await.status, 403);
    assert_eq!(all_decisions(&scene.stranger, &filter).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_4_what_is_no_question_is_refused_by_the_name_of_the_parameter() {
    let server = Server::start();
    let owner = server.owner_of("acme").await;
    for (query, code, said) in [
        ("outcome=PERHAPS", "invalid_parameter", "outcome"),
        ("ip=nowhere", "invalid_parameter", "ip"),
        ("client_request_id=mine", "invalid_parameter", "client_request_id: say from when on"),
        ("after=yesterday", "invalid_parameter", "after: send a position"),
        ("after=0-7&order=desc", "invalid_parameter", "after: is the oldest first"),
        ("min_position=0-999999999999999", "invalid_parameter", "min_position: the usage log has no such"),
        ("cursor=x", "invalid_cursor", "cursor"),
        ("colour=red", "unknown_parameter", "colour"),
    ] {
        let answer = owner.get(&format!("/v1/audit/decisions?{query}")).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{query}: {}", answer.body);
        assert!(answer.body.to_string().contains(said), "{query}: {}", answer.body);
    }
    let nothing = all_decisions(&owner, "request_id=req_0000000000000000000000").await;
    assert_eq!(nothing, Vec::<Value>::new());
}
