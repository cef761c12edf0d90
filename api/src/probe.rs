//! Asking a router in process, for tests.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::edge::Edge;
use crate::routes::Table;

/// An answer, received whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// A header as text; empty where it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
}

/// Answers one request by these operations, behind the edge.
pub(crate) async fn ask<S: Clone + Send + Sync + 'static>(
    table: Table<S>,
    state: S,
    request: Request<Body>,
) -> Answer {
    let routes = table.into_router(state).unwrap();
    let edge = Edge::new(routes, Arc::new(|| "req_test".to_owned()));
    let (parts, body) = edge.answer(request).await.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, text }
}

/// A request without a body, from words like `GET /livez`.
pub(crate) fn request(words: &str) -> Request<Body> {
    let (method, path) = words.split_once(' ').unwrap();
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}
