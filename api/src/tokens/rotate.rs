//! `POST /v1/tokens/{id}/rotate`: a new secret for a token.

use axum::{http::StatusCode, response::Response};
use commands::tokens::TokenRotated;
use domain::ids::TokenId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{
    TokenPath,
    answer::{SecretAnswer, TokenAnswer},
    shown::{AlreadyShown, ShownOnce, already_shown},
    used::Uses,
};
use crate::app::App;
use crate::asking::{Asking, Form, unmatched};
use crate::body::{BodyReader, SchemaError, Text};
use crate::entered::Entered;
use crate::formats::{DurationText, ProseText, said};
use crate::problem::{Code, Problem};
use crate::refusals::refused;
use crate::respond::{COMMAND_CODES, json, tagged};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// How a secret is replaced.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rotate {
    /// How long the old secret lives on: `24h` where nothing is said, at most 7 days; `0s` ends it at once.
    overlap: Option<Text<DurationText>>,
    /// Why.
    #[schemars(length(min = 1, max = 400))]
    reason: Option<Text<ProseText>>,
}

/// The token with its new secret.
#[derive(Serialize, JsonSchema)]
struct RotatedAnswer {
    token: TokenAnswer,
    /// Shown here and nowhere else; null in a dry run, and where it was shown before.
    secret: Option<ShownOnce>,
    #[serde(flatten)]
    already_shown: Option<AlreadyShown>,
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
    /// When it was last accepted; null: never.
    last_used_at: Option<String>,
    /// Where it was last used from; null where that was not said, or is erased, or hidden.
    last_used_ip: Option<String>,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let form = Form::<Rotate>::new(kit, "rotateToken")?.refined(BodyReader::or_none);
    Ok(Operation::post("/v1/tokens/{id}/rotate", "rotateToken")
        .says(
            "Give a token a new secret",
            "The old secret lives on for the overlap, so that nothing is interrupted. A token may rotate itself; \
             anybody else must be able to do all that it can.",
        )
        .tag("tokens")
        .requires(Access::Organization(Needs::TokensWrite))
        .path::<TokenPath>()
        .query(&form.query)
        .body(&form.body)
        .answers::<RotatedAnswer>(StatusCode::OK, "The token and its new secret.")
        .may_answer(&[Code::ScopeExceedsCaller, Code::PolicyViolation, Code::RotationInProgress])
        .may_answer(COMMAND_CODES)
        .idempotent()
        .conditional()
        .answered_by(move |app, entered| {
            let form = Arc::clone(&form);
            async move { rotate(&app, &form, entered).await }
        }))
}

async fn rotate(app: &App, form: &Form<Rotate>, mut entered: Entered) -> Result<Response, Problem> {
    let id: TokenId = entered.named().await?;
    let Asking { caller, body, asked, must_exist } = entered.command(app, form, &id.to_string()).await?;
    let Rotate { overlap, reason } = body;
    let overlap = overlap.as_ref().map(said).transpose()?;
    let rotated = app.commands.rotate_token(&asked, id, overlap, reason.map(Text::into_string)).await;
    let rotated = rotated.map_err(|it| unmatched(must_exist, refused(app, &caller, it)))?;
    let TokenRotated { token, secret } = rotated;
    let (position, version) = (token.position, token.version);
    let mut shown =
        TokenAnswer::of(id, &token, &app.brand, app.clock.now()).ok_or_else(Problem::not_found)?;
    Uses::if_known(app, &caller, id).await.tell(id, &mut shown);
    let answer = RotatedAnswer {
        already_shown: already_shown(token.outcome, secret.is_some()),
        rotation: rotation(&shown),
        token: shown,
        secret: secret.map(Into::into),
    };
    Ok(app.acknowledge(&asked, asked.organization, position, tagged(version, json(&answer)?)))
}

fn rotation(token: &TokenAnswer) -> Option<Rotation> {
    let old = token.secrets.iter().rev().find(|it| it.valid_until.is_some())?.clone();
    let SecretAnswer { id, valid_until, last_used_at, last_used_ip, .. } = old;
    Some(Rotation { old: id, valid_until: valid_until?, last_used_at, last_used_ip })
}
