//! `GET /v1/permissions/{name}`: one entry of the catalogue.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::permission::PermissionName;
use schemars::JsonSchema;
use serde::Serialize;

use super::{PermissionAnswer, PermissionPath, may_read};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::respond::json;
use crate::routes::{Operation, Route, Segment};

/// The permission.
#[derive(Serialize, JsonSchema)]
struct ShownAnswer {
    permission: PermissionAnswer,
}

pub(crate) fn route() -> Route<App> {
    Operation::get("/v1/permissions/{name}", "showPermission")
        .says("Show a permission", "What it lets one do, its risk, and the endpoints that it opens.")
        .tag("permissions")
        .requires("permissions:read")
        .path::<PermissionPath>()
        .answers::<ShownAnswer>(StatusCode::OK, "The permission.")
        .handled_by(|State(app): State<App>, path: Segment<PermissionPath>, headers: HeaderMap| async move {
            show(&app, &path.0.name()?, &headers)
        })
}

fn show(app: &App, name: &PermissionName, headers: &HeaderMap) -> Result<Response, Problem> {
    let caller = Caller::of(app, headers)?;
    may_read(&caller)?;
    let catalogue = caller.credential.catalogue();
    let permission = catalogue.get(name).ok_or_else(Problem::not_found)?;
    let answer = ShownAnswer { permission: PermissionAnswer::of(permission, &caller) };
    Ok(app.at(caller.credential.position, json(&answer)?))
}
