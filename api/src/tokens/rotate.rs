//! `POST /v1/tokens/{id}/rotate`: a new secret for a token.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use commands::tokens::TokenRotated;
use domain::{ids::TokenId, token::Token};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{
    TokenPath,
    answer::TokenAnswer,
    shown::{ShownOnce, was_shown},
};
use crate::app::App;
use crate::asking::{Asking, ask};
use crate::body::{BodyReader, SchemaError, Text};
use crate::formats::{DurationText, LabelText, said};
use crate::problem::{Code, Problem};
use crate::query::{DryRun, QueryReader};
use crate::refusals::refused;
use crate::respond::{json, tagged};
use crate::routes::{Kit, Operation, Route, Segment};

/// How a secret is replaced.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rotate {
    /// How long the old secret lives on: `24h` where nothing is said, at most 7 days; `0s` ends it at once.
    overlap: Option<Text<DurationText>>,
    /// Why.
    #[schemars(length(min = 1, max = 400))]
    reason: Option<Text<LabelText>>,
}

/// The token with its new secret.
#[derive(Serialize, JsonSchema)]
struct RotatedAnswer {
    token: TokenAnswer,
    /// Shown here and nowhere else; null in a dry run, and where it was shown before.
    secret: Option<ShownOnce>,
    /// This command was obeyed before, and showed the secret then: rotate the token again if it is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_shown: Option<bool>,
    /// The secret that was replaced.
    rotation: Option<Rotation>,
}

/// The secret that was replaced.
#[derive(Serialize, JsonSchema)]
struct Rotation {
    /// Its id.
    old: String,
    /// The instant from which it is refused.
    valid_until: String,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let (body, query) = (Arc::new(kit.body::<Rotate>()?.or_none()), kit.query::<DryRun>("rotateToken")?);
    Ok(Operation::post("/v1/tokens/{id}/rotate", "rotateToken")
        .says(
            "Give a token a new secret",
            "The old secret lives on for the overlap, so that nothing is interrupted. A token may rotate itself; \
             anybody else must be able to do all that it can.",
        )
        .tag("tokens")
        .requires("tokens:write")
        .path::<TokenPath>()
        .query(&query)
        .body(&body)
        .answers::<RotatedAnswer>(StatusCode::OK, "The token and its new secret.")
        .may_answer(&[Code::ScopeExceedsCaller, Code::PolicyViolation, Code::RotationInProgress])
        .may_answer(crate::respond::COMMAND_CODES)
        .idempotent()
        .conditional()
        .handled_by(move |State(app): State<App>, id: Segment<TokenPath>, request: Request| {
            let (body, query) = (Arc::clone(&body), Arc::clone(&query));
            async move { rotate(&app, &body, &query, id.0.id()?, request).await }
        }))
}

async fn rotate(
    app: &App,
    body: &BodyReader<Rotate>,
    query: &QueryReader<DryRun>,
    id: TokenId,
    request: Request,
) -> Result<Response, Problem> {
    let dry_run = query.read(request.uri().query())?.query.dry_run;
    let Asking { caller, body: Rotate { overlap, reason }, asked } = ask(app, request, body, dry_run).await?;
    let organization = caller.organization()?;
    let overlap = overlap.as_ref().map(said).transpose()?;
    let rotated = app.commands.rotate_token(&asked, id, overlap, reason.map(Text::into_string)).await;
    let TokenRotated { token, secret } = rotated.map_err(|it| refused(app, &caller, it))?;
    let (position, version) = (token.position, token.version);
    let now = app.clock.now();
    let answer = RotatedAnswer {
        secret_shown: was_shown(token.outcome, secret.is_some()),
        rotation: rotation(&token.state),
        token: TokenAnswer::of(id, &token, &app.brand, now).ok_or_else(Problem::not_found)?,
        secret: secret.map(Into::into),
    };
    Ok(app.acknowledge(Some(organization), position, tagged(version, json(&answer)?)))
}

fn rotation(token: &Token) -> Option<Rotation> {
    let old = token.issued()?.secrets.iter().rev().find_map(|it| Some((it.id, it.valid_until?)));
    old.map(|(id, until)| Rotation { old: id.to_string(), valid_until: until.to_string() })
}
