//! `PUT /v1/permissions/{name}`: have a permission in the catalogue.

use axum::{
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
use crate::asking::{Asking, Form};
use crate::body::{NotYet, SchemaError, Text};
use crate::entered::Entered;
use crate::formats::{EndpointText, PermissionText, ProseText, SlugText, all_said};
use crate::problem::Problem;
use crate::refusals::refused;
use crate::respond::{COMMAND_CODES, json};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// A permission as it shall stand in the catalogue.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    /// What it lets one do, in a sentence for people.
    #[schemars(length(min = 1, max = 400))]
    description: Text<ProseText>,
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
    #[schemars(with = "NotYet", extend("x-not-supported-yet" = {"unless": [false]}))]
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
    let form = Arc::new(Form::<Register>::new(kit, "registerPermission")?);
    Ok(Operation::put("/v1/permissions/{name}", "registerPermission")
        .says(
            "Register a permission",
            "For platform operators: this is how services of your own are protected. The whole entry is replaced.",
        )
        .tag("permissions")
        .requires(Access::Platform(Needs::PlatformCatalogue))
        .path::<PermissionPath>()
        .query(&form.query)
        .body(&form.body)
        .answers::<RegisteredAnswer>(StatusCode::CREATED, "The permission is new.")
        .answers::<RegisteredAnswer>(StatusCode::OK, "The permission was there, or this is a dry run.")
        .may_answer(COMMAND_CODES)
        .idempotent()
        .answered_by(move |app, entered| {
            let form = Arc::clone(&form);
            async move { register(&app, &form, entered).await }
        }))
}

async fn register(app: &App, form: &Form<Register>, mut entered: Entered) -> Result<Response, Problem> {
    let name: PermissionName = entered.named().await?;
    let Asking { caller, body, asked, .. } = entered.command(app, form, name.as_str()).await?;
    let registered = app.commands.register_permission(&asked, permission(name, body)?).await;
    let registered = registered.map_err(|it| refused(app, &caller, it))?;
    let new = registered.created && registered.outcome != Outcome::DryRun;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = RegisteredAnswer { permission: PermissionAnswer::of(&registered.permission, &caller) };
    Ok(app.acknowledge(&asked, None, registered.position, (status, json(&answer)?).into_response()))
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
