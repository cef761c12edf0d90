//! `GET /v1/jobs/{id}`: what has become of long work.

use axum::{http::StatusCode, response::Response};
use domain::ids::JobId;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

use super::JobAnswer;
use crate::app::App;
use crate::body::SchemaError;
use crate::entered::Entered;
use crate::problem::Problem;
use crate::query::{Nothing, QueryReader};
use crate::respond::json;
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// Which job.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes the path's parameter")]
struct JobPath {
    /// As it was answered when the work was asked for.
    id: String,
}

/// The job.
#[derive(Serialize, JsonSchema)]
struct ShownAnswer {
    job: JobAnswer,
}

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Nothing>("showJob")?;
    Ok(Operation::get("/v1/jobs/{id}", "showJob")
        .says(
            "Follow long work",
            "The last rebuild of each view is remembered until the process ends. A job that is not there any more \
             was followed by another, or ended with the process; a rebuild that ended so changed nothing.",
        )
        .tag("streams")
        .requires(Access::Platform(Needs::PlatformOperate))
        .path::<JobPath>()
        .query(&query)
        .answers::<ShownAnswer>(StatusCode::OK, "The job.")
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { show(&app, &query, entered).await }
        }))
}

async fn show(app: &App, query: &QueryReader<Nothing>, mut entered: Entered) -> Result<Response, Problem> {
    let id: JobId = entered.named().await?;
    entered.query(query)?;
    let mut rebuilds = app.projections.iter().filter_map(|it| Some((it, it.last_rebuild()?)));
    let (view, rebuild) = rebuilds.find(|(_, it)| it.id == id).ok_or_else(Problem::not_found)?;
    json(&ShownAnswer { job: JobAnswer::rebuild(app, view, rebuild) })
}
