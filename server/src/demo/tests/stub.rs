//! A small server that keeps tokens and answers as the API says, or fails in one chosen way.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post, put},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::client::Client;

pub(super) const OPERATOR: &str = "c9d_ops_operator";
const OWNER: &str = "c9d_pat_owner";
/// Tokens a page, however many are asked for, so that a small list has several.
const PAGE: usize = 2;

/// In what the stub fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// In nothing.
    None,
    /// It verifies revoked tokens as if they lived.
    ForgetsRevocations,
    /// It answers as to a repetition: no secret, the first time.
    LosesSecrets,
    /// Its list has pages for ever.
    SameCursor,
    /// It records every third decision not at all.
    DropsDecisions,
}

pub(super) struct Stub {
    fault: Fault,
    tokens: Mutex<Vec<Token>>,
    decisions: Mutex<Vec<Value>>,
}

struct Token {
    name: String,
    secret: String,
    status: &'static str,
}

type Answer = Result<Json<Value>, (StatusCode, Json<Value>)>;
type Shared = State<Arc<Stub>>;

impl Stub {
    pub(super) fn with(fault: Fault) -> Self {
        Self { fault, tokens: Mutex::default(), decisions: Mutex::default() }
    }

    pub(super) async fn serve(self) -> Client {
        let router = Router::new()
            .route("/livez", get(|| async {}))
            .route("/v1/permissions/{name}", put(permission))
            .route("/v1/organizations", post(organization))
            .route("/v1/tokens", post(issue).get(list))
            .route("/v1/tokens/{id}/revoke", post(revoke))
            .route("/v1/tokens/{id}/rotate", post(rotate))
            .route("/v1/verify", post(verify))
            .route("/v1/audit/decisions", get(decisions))
            .with_state(Arc::new(self));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Client::new(&server.parse().unwrap()).unwrap()
    }
}

fn hold(condition: bool, code: &str) -> Result<(), (StatusCode, Json<Value>)> {
    if condition { Ok(()) } else { Err((StatusCode::FORBIDDEN, Json(json!({"code": code})))) }
}

fn by(headers: &HeaderMap, token: &str) -> Result<(), (StatusCode, Json<Value>)> {
    hold(headers["authorization"] == format!("Bearer {token}"), "insufficient_scope")
}

async fn permission(Path(name): Path<String>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    by(&headers, OPERATOR)?;
    hold(name == "site:read" && body["endpoints"] == json!(["ANY /**"]), "validation_failed")?;
    Ok(Json(json!({"permission": {"name": name}})))
}

async fn organization(headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    by(&headers, OPERATOR)?;
    hold(body["slug"].as_str().is_some_and(|it| it.len() == "demo-".len() + 8), "validation_failed")?;
    Ok(Json(json!({"organization": {"slug": body["slug"]}, "token_id": "tok_owner", "secret": OWNER})))
}

async fn issue(State(stub): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    by(&headers, OWNER)?;
    hold(
        headers.contains_key("idempotency-key") && body["scopes"] == json!(["site:read"]),
        "validation_failed",
    )?;
    let mut tokens = stub.tokens.lock().unwrap();
    let (id, secret) = (tokens.len(), format!("c9d_pat_{}", tokens.len()));
    let name = body["name"].as_str().unwrap().to_owned();
    tokens.push(Token { name, secret: secret.clone(), status: "active" });
    let secret = (stub.fault != Fault::LosesSecrets).then_some(secret);
    Ok(Json(json!({"token": {"id": id.to_string()}, "secret": secret})))
}

async fn rotate(State(stub): Shared, Path(id): Path<usize>, headers: HeaderMap) -> Answer {
    by(&headers, OWNER)?;
    let secret = format!("c9d_pat_new_{id}");
    stub.tokens.lock().unwrap()[id].secret.clone_from(&secret);
    Ok(Json(json!({"token": {"id": id.to_string()}, "secret": secret})))
}

async fn list(State(stub): Shared, Query(query): Query<Vec<(String, String)>>, headers: HeaderMap) -> Answer {
    by(&headers, OWNER)?;
    let cursor = query.iter().find(|(name, _)| name == "cursor").map(|it| it.1.parse().unwrap());
    let begin: usize = cursor.unwrap_or_default();
    let tokens = stub.tokens.lock().unwrap();
    let own = json!({"id": "own", "name": "First token", "status": "active", "tags": ["bootstrap"]});
    let listed = tokens.iter().enumerate().map(
        |(id, it)| json!({"id": id.to_string(), "name": it.name, "status": it.status, "tags": ["demo"]}),
    );
    let page: Vec<Value> = std::iter::once(own).chain(listed).skip(begin).take(PAGE).collect();
    let for_ever = stub.fault == Fault::SameCursor;
    let end = if for_ever { PAGE } else { begin + PAGE };
    let next = (for_ever || end <= tokens.len()).then(|| end.to_string());
    Ok(Json(json!({"data": page, "next_cursor": next, "position": "1-1"})))
}

async fn revoke(State(stub): Shared, Path(id): Path<usize>, headers: HeaderMap) -> Answer {
    by(&headers, OWNER)?;
    stub.tokens.lock().unwrap()[id].status = "revoked";
    Ok(Json(json!({"token": {"id": id.to_string(), "status": "revoked"}})))
}

async fn verify(State(stub): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    by(&headers, OWNER)?;
    let tokens = stub.tokens.lock().unwrap();
    let token = tokens.iter().find(|it| it.secret == body["token"].as_str().unwrap());
    let path = body["endpoint"]["path"].as_str().unwrap();
    let code = match token {
        None => "NOT_FOUND",
        Some(it) if it.status == "revoked" && stub.fault != Fault::ForgetsRevocations => "REVOKED",
        Some(_) if path.contains("//") || path.contains("..") => "INSUFFICIENT_PERMISSIONS",
        Some(_) => "VALID",
    };
    let mut decisions = stub.decisions.lock().unwrap();
    let name = &body["client_request_id"];
    decisions.push(json!({"code": code, "ip": body["ip"], "client_request_id": name, "count": 1}));
    Ok(Json(json!({"valid": code == "VALID", "code": code})))
}

async fn decisions(
    State(stub): Shared,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Answer {
    by(&headers, OWNER)?;
    let said = |name: &str| query.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    hold(said("caller") == Some("tok_owner") && said("order") == Some("asc"), "validation_failed")?;
    let begin: usize = said("cursor").map(|it| it.parse().unwrap()).unwrap_or_default();
    let drops = stub.fault == Fault::DropsDecisions;
    let decisions = stub.decisions.lock().unwrap();
    let kept = decisions.iter().enumerate().filter(|(number, _)| !drops || number % 3 != 2);
    let kept: Vec<&Value> = kept.map(|it| it.1).collect();
    let page: Vec<&Value> = kept.iter().skip(begin).take(PAGE).copied().collect();
    let end = begin + PAGE;
    let next = (end < kept.len()).then(|| end.to_string());
    Ok(Json(json!({"data": page, "next_cursor": next, "position": "0-1"})))
}
