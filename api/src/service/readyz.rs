//! `GET /readyz`: whether the process can do its work.

use axum::{extract::State, http::StatusCode, response::Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::problem::{Code, Problem};
use crate::respond::json;
use crate::routes::{Operation, Route};

/// That it can.
#[derive(Serialize, JsonSchema)]
struct Ready {
    /// `ready`, or `degraded` where something is not well and it can do its work all the same.
    status: &'static str,
    /// What is not well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    degraded: Vec<String>,
}

pub(crate) fn route() -> Route<App> {
    Operation::get("/readyz", "isReady")
        .says("Whether the process can do its work", "503 names what is missing. What is degraded works: a view that has set keys apart, say, which marks them.")
        .open()
        .answers::<Ready>(StatusCode::OK, "It can.")
        .may_answer(&[Code::NotReady])
        .handled_by(|State(app): State<App>| async move { readyz(&app) })
}

fn readyz(app: &App) -> Result<Response, Problem> {
    let missing = app.readiness.missing();
    if missing.is_empty() {
        let degraded = app.readiness.degraded();
        let status = if degraded.is_empty() { "ready" } else { "degraded" };
        return json(&Ready { status, degraded });
    }
    Err(Problem::new(Code::NotReady, missing.join("; ")).with("missing", missing))
}
