//! `POST /v1/tokens/{id}/revoke`: end a token for ever.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use domain::{ids::TokenId, token::RevocationReason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{TokenPath, answer::TokenAnswer};
use crate::app::App;
use crate::asking::{Asking, ask};
use crate::body::{BodyReader, SchemaError, Text};
use crate::formats::LabelText;
use crate::problem::Problem;
use crate::query::{DryRun, QueryReader};
use crate::refusals::refused;
use crate::respond::{json, tagged};
use crate::routes::{Kit, Operation, Route, Segment};

/// Why a token is ended.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Revoke {
    reason: Reason,
    /// What else there is to say.
    #[schemars(length(min = 1, max = 400))]
    note: Option<Text<LabelText>>,
}

/// Why (the names of RFC 5280 §5.3.1, as far as they apply).
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reason {
    KeyCompromise,
    Superseded,
    PrivilegeWithdrawn,
    AffiliationChanged,
    Unspecified,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::KeyCompromise => Self::KeyCompromise,
            Reason::Superseded => Self::Superseded,
            Reason::PrivilegeWithdrawn => Self::PrivilegeWithdrawn,
            Reason::AffiliationChanged => Self::AffiliationChanged,
            Reason::Unspecified => Self::Unspecified,
        }
    }
}

/// The token, revoked.
#[derive(Serialize, JsonSchema)]
struct RevokedAnswer {
    token: TokenAnswer,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let (body, query) = (Arc::new(kit.body::<Revoke>()?), kit.query::<DryRun>("revokeToken")?);
    Ok(Operation::post("/v1/tokens/{id}/revoke", "revokeToken")
        .says(
            "End a token for ever",
            "When this is answered, no verification that begins afterwards accepts it. Saying it twice adds nothing. \
             A token may always revoke itself.",
        )
        .tag("tokens")
        .requires("tokens:revoke")
        .path::<TokenPath>()
        .query(&query)
        .body(&body)
        .answers::<RevokedAnswer>(StatusCode::OK, "The token, revoked.")
        .may_answer(crate::respond::COMMAND_CODES)
        .idempotent()
        .conditional()
        .handled_by(move |State(app): State<App>, id: Segment<TokenPath>, request: Request| {
            let (body, query) = (Arc::clone(&body), Arc::clone(&query));
            async move { revoke(&app, &body, &query, id.0.id()?, request).await }
        }))
}

async fn revoke(
    app: &App,
    body: &BodyReader<Revoke>,
    query: &QueryReader<DryRun>,
    id: TokenId,
    request: Request,
) -> Result<Response, Problem> {
    let dry_run = query.read(request.uri().query())?.query.dry_run;
    let Asking { caller, body: Revoke { reason, note }, asked } = ask(app, request, body, dry_run).await?;
    let organization = caller.organization()?;
    let revoked = app.commands.revoke_token(&asked, id, reason.into(), note.map(Text::into_string)).await;
    let token = revoked.map_err(|it| refused(app, &caller, it))?;
    let (position, version) = (token.position, token.version);
    let token = TokenAnswer::of(id, &token, &app.brand, app.clock.now()).ok_or_else(Problem::not_found)?;
    Ok(app.acknowledge(Some(organization), position, tagged(version, json(&RevokedAnswer { token })?)))
}
