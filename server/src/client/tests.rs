use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    Json, Router,
    extract::RawQuery,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::{any, get},
};
use serde_json::json;
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::*;

async fn serve(router: Router) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&listener);
    tokio::spawn(async move { axum::serve(listener, router).await });
    client
}

fn client_of(listener: &TcpListener) -> Client {
    let address = listener.local_addr().unwrap();
    Client::new(&format!("http://{address}/").parse().unwrap()).unwrap()
}

fn bearer() -> Bearer {
    Bearer::parse("c9d_ops_x").unwrap()
}

fn post<'c>(bearer: &'c Bearer, target: &str) -> Call<'c> {
    Call {
        method: Method::POST,
        target: target.to_owned(),
        bearer,
        idempotency_key: Some("key-1".to_owned()),
        body: Some(json!({"a": 1})),
    }
}

/// Answers what it was sent.
async fn echo(headers: HeaderMap, body: String) -> impl IntoResponse {
    let said = |name: &str| headers.get(name).map(|it| it.to_str().unwrap().to_owned());
    Json(json!({
        "authorization": said("authorization"),
        "key": said("idempotency-key"),
        "type": said("content-type"),
        "body": body,
    }))
}

#[tokio::test]
async fn a_call_carries_credential_key_and_body() {
    let client = serve(Router::new().route("/v1/x", any(echo))).await;
    let answer: Value = client.ask(&post(&bearer(), "/v1/x")).await.unwrap();
    let expected = json!({
        "authorization": "Bearer c9d_ops_x",
        "key": "key-1",
        "type": "application/json",
        "body": "{\"a\":1}",
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_but_not_for_ever() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let busy = async move |headers: HeaderMap| {
        assert_eq!(headers.get("idempotency-key").unwrap(), "key-1");
        match count.fetch_add(1, Ordering::SeqCst) {
            2 => Json(json!("done")).into_response(),
            _ => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")], "{\"code\":\"overloaded\"}")
                .into_response(),
        }
    };
    let client = serve(Router::new().route("/v1/x", any(busy))).await;
    assert_eq!(client.ask::<Value>(&post(&bearer(), "/v1/x")).await.unwrap(), "done");
    assert_eq!(asked.load(Ordering::SeqCst), 3);

    let refused = client.ask::<Value>(&post(&bearer(), "/v1/x")).await.unwrap_err();
    assert_eq!(refused.to_string(), "POST /v1/x was refused: 503 overloaded");
    assert_eq!(asked.load(Ordering::SeqCst), 3 + retry::ATTEMPTS);
}

#[tokio::test]
async fn a_broken_connection_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&listener);
    tokio::spawn(async move {
        // The first connection breaks within the request; the next ones are served.
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        drop(stream);
        axum::serve(listener, Router::new().route("/v1/x", any(echo))).await
    });
    assert!(client.ask::<Value>(&post(&bearer(), "/v1/x")).await.is_ok());
}

#[tokio::test]
async fn refusals_say_what_was_asked_and_why_not() {
    let problem =
        || async { (StatusCode::FORBIDDEN, r#"{"code": "insufficient_scope", "detail": "it lacks x"}"#) };
    let page = || async { (StatusCode::BAD_GATEWAY, "<html>") };
    let client = serve(Router::new().route("/v1/x", any(problem)).route("/v1/y", any(page))).await;
    let refused = async |target| client.ask::<Value>(&post(&bearer(), target)).await.unwrap_err().to_string();
    assert_eq!(refused("/v1/x").await, "POST /v1/x was refused: 403 insufficient_scope, it lacks x");
    assert_eq!(refused("/v1/y").await, "POST /v1/y was refused: 502 ");
}

/// A list of two pages, whose cursor wants escaping, or of one that says that it goes on.
fn pages(is_endless: bool) -> Router {
    let page = async move |RawQuery(query): RawQuery| {
        let page = match query.unwrap().as_str() {
            "limit=100&order=asc" => json!({"data": [1, 2], "next_cursor": "a&b=c+"}),
            "limit=100&order=asc&cursor=a%26b%3Dc%2B" if is_endless => {
                json!({"data": [3], "next_cursor": "a&b=c+"})
            }
            "limit=100&order=asc&cursor=a%26b%3Dc%2B" => json!({"data": [3], "next_cursor": null}),
            other => panic!("{other}"),
        };
        Json(page)
    };
    Router::new().route("/v1/x", get(page))
}

#[tokio::test]
async fn a_list_is_read_to_its_end_or_refused_if_it_has_none() {
    let bearer = bearer();
    for is_endless in [false, true] {
        let client = serve(pages(is_endless)).await;
        let mut found: Vec<u32> = Vec::new();
        let read = client.all("/v1/x", &[("order", "asc")], &bearer, |it| found.push(it)).await;
        assert_eq!(found, [1, 2, 3]);
        assert_eq!(matches!(read, Err(ClientError::Endless { .. })), is_endless);
        assert_eq!(read.is_ok(), !is_endless);
    }
}

#[tokio::test]
async fn another_kind_of_server_is_noticed() {
    let client = serve(Router::new().route("/v1/x", get(|| async { "hello" }))).await;
    let bearer = bearer();
    let call = Call { method: Method::GET, body: None, idempotency_key: None, ..post(&bearer, "/v1/x") };
    let err = client.ask::<Value>(&call).await.unwrap_err();
    assert!(matches!(err, ClientError::Unintelligible { .. }), "{err}");
}

#[tokio::test]
async fn no_server_is_said_at_once_with_what_to_do() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&listener);
    let server = client.server.clone();
    drop(listener);
    let err = client.greet().await.unwrap_err().to_string();
    let remedy = "start one with `make run`, or name another with --server";
    assert_eq!(err, format!("no server answers at {server}: {remedy}"));
}

#[test]
fn only_plain_http_is_spoken() {
    for bad in ["https://example.org", "ftp://example.org", "http://example.org/?a=b"] {
        assert!(matches!(Client::new(&bad.parse().unwrap()), Err(ClientError::NotPlainHttp(_))), "{bad}");
    }
}
