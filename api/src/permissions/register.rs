//! `PUT /v1/permissions/{name}`: have a permission in the catalogue.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use commands::Outcome;
use domain::permission::{Permission, PermissionName, Risk};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{PermissionAnswer, PermissionPath};
use crate::app::App;
use crate::asking::{Asking, ask};
use crate::body::{BodyReader, NotYet, SchemaError, Text};
use crate::formats::{EndpointText, LabelText, PermissionText, SlugText, all_said};
use crate::problem::Problem;
use crate::query::{DryRun, QueryReader};
use crate::refusals::refused;
use crate::respond::json;
use crate::routes::{Kit, Operation, Route, Segment};

/// A permission as it shall stand in the catalogue.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    /// What it lets one do, in a sentence for people.
    #[schemars(length(min = 1, max = 400))]
    description: Text<LabelText>,
    risk: RiskBody,
    /// The endpoints that it opens: `METHOD /path`, where `*` is one segment, a final `/**` the rest, and `ANY` every
    /// method.
    #[schemars(length(max = 50))]
    endpoints: Vec<Text<EndpointText>>,
    /// The permissions that it gives with it. Writing implies reading without being told.
    #[schemars(length(max = 50))]
    implies: Option<Vec<Text<PermissionText>>>,
    /// The built-in roles that grant it; owner and admin where nothing is said.
    #[schemars(length(max = 7))]
    roles: Option<Vec<Text<SlugText>>>,
    #[serde(default)]
    #[schemars(with = "NotYet")]
    #[expect(dead_code, reason = "known, and refused until it is carried out")]
    retired: NotYet,
}

/// How much harm it can do.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum RiskBody {
    Low,
    Medium,
    High,
    Critical,
}

impl From<RiskBody> for Risk {
    fn from(risk: RiskBody) -> Self {
        match risk {
            RiskBody::Low => Self::Low,
            RiskBody::Medium => Self::Medium,
            RiskBody::High => Self::High,
            RiskBody::Critical => Self::Critical,
        }
    }
}

/// The permission, registered.
#[derive(Serialize, JsonSchema)]
struct RegisteredAnswer {
    permission: PermissionAnswer,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let (body, query) = (Arc::new(kit.body::<Register>()?), kit.query::<DryRun>("registerPermission")?);
    Ok(Operation::put("/v1/permissions/{name}", "registerPermission")
        .says(
            "Register a permission",
            "For platform operators: this is how services of your own are protected. The whole entry is replaced.",
        )
        .tag("permissions")
        .requires("platform:catalogue")
        .path::<PermissionPath>()
        .query(&query)
        .body(&body)
        .answers::<RegisteredAnswer>(StatusCode::CREATED, "The permission is new.")
        .answers::<RegisteredAnswer>(StatusCode::OK, "The permission was there, or this is a dry run.")
        .may_answer(crate::respond::COMMAND_CODES)
        .idempotent()
        .handled_by(move |State(app): State<App>, path: Segment<PermissionPath>, request: Request| {
            let (body, query) = (Arc::clone(&body), Arc::clone(&query));
            async move { register(&app, &body, &query, path.0.name()?, request).await }
        }))
}

async fn register(
    app: &App,
    body: &BodyReader<Register>,
    query: &QueryReader<DryRun>,
    name: PermissionName,
    request: Request,
) -> Result<Response, Problem> {
    let dry_run = query.read(request.uri().query())?.query.dry_run;
    let Asking { caller, body, asked } = ask(app, request, body, dry_run).await?;
    let registered = app.commands.register_permission(&asked, permission(name, body)?).await;
    let registered = registered.map_err(|it| refused(app, &caller, it))?;
    let new = registered.created && registered.outcome != Outcome::DryRun;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = RegisteredAnswer { permission: PermissionAnswer::of(&registered.permission, &caller) };
    Ok(app.acknowledge(None, registered.position, (status, json(&answer)?).into_response()))
}

fn permission(name: PermissionName, body: Register) -> Result<Permission, Problem> {
    let roles = match &body.roles {
        Some(roles) => all_said(roles)?,
        None => ["owner", "admin"].into_iter().filter_map(|it| it.parse().ok()).collect(),
    };
    Ok(Permission {
        name,
        description: body.description.into_string(),
        risk: body.risk.into(),
        endpoints: all_said(&body.endpoints)?,
        implies: all_said(&body.implies.unwrap_or_default())?,
        roles,
        builtin: false,
        retired: false,
    })
}
