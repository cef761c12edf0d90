//! `GET /livez`: whether the process answers at all.

use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Operation, Route};
use crate::edge::headers::json;

/// That the process answers.
#[derive(Debug, Serialize, JsonSchema)]
struct Live {
    /// Always `live`.
    status: &'static str,
}

/// The operation.
pub(crate) fn route<S: Clone + Send + Sync + 'static>() -> Route<S> {
    Operation::get("/livez", "isLive")
        .says("Whether the process answers", "Says nothing about what it can do; `/readyz` does.")
        .open()
        .answers::<Live>(StatusCode::OK, "It answers.")
        .handled_by(livez)
}

async fn livez() -> Response {
    json(r#"{"status":"live"}"#)
}
