//! `GET /v1/permissions/{name}`: one entry of the catalogue.

use axum::{http::StatusCode, response::Response};
use domain::permission::PermissionName;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

use super::{MAY_READ, PermissionAnswer, PermissionPath};
use crate::app::App;
use crate::body::SchemaError;
use crate::entered::Entered;
use crate::problem::Problem;
use crate::query::{Nothing, QueryReader};
use crate::respond::json;
use crate::routes::{Kit, Operation, Route};

/// The permission.
#[derive(Serialize, JsonSchema)]
struct ShownAnswer {
    permission: PermissionAnswer,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Nothing>("showPermission")?;
    Ok(Operation::get("/v1/permissions/{name}", "showPermission")
        .says("Show a permission", "What it lets one do, its risk, and the endpoints that it opens.")
        .tag("permissions")
        .requires(MAY_READ)
        .path::<PermissionPath>()
        .query(&query)
        .answers::<ShownAnswer>(StatusCode::OK, "The permission.")
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { show(&app, &query, entered).await }
        }))
}

async fn show(app: &App, query: &QueryReader<Nothing>, mut entered: Entered) -> Result<Response, Problem> {
    let name: PermissionName = entered.named().await?;
    entered.query(query)?;
    let caller = &entered.caller;
    let catalogue = caller.credential.catalogue();
    let permission = catalogue.get(&name).ok_or_else(Problem::not_found)?;
    let answer = ShownAnswer { permission: PermissionAnswer::of(permission, caller) };
    Ok(app.at(caller.credential.position, json(&answer)?))
}
