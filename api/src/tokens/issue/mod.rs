//! `POST /v1/tokens`: issue a token.

mod body;
#[cfg(test)]
mod tests;
mod wish;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use commands::tokens::TokenIssued;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

use super::{
    answer::TokenAnswer,
    shown::{AlreadyShown, ShownOnce, already_shown},
};
use crate::app::App;
use crate::asking::{Asking, Form};
use crate::body::SchemaError;
use crate::entered::Entered;
use crate::problem::{Code, Problem};
use crate::refusals::{Said, refused_saying};
use crate::respond::{COMMAND_CODES, json, tagged};
use crate::routes::{Access, Kit, Needs, Operation, Route};
use body::Issue;

/// The token and its secret.
#[derive(Serialize, JsonSchema)]
struct IssuedAnswer {
    token: TokenAnswer,
    /// Shown here and nowhere else; null in a dry run, and where it was shown before.
    secret: Option<ShownOnce>,
    #[serde(flatten)]
    already_shown: Option<AlreadyShown>,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let form = Form::<Issue>::new(kit, "issueToken")?.refined(|it| it.held_to(body::rule));
    Ok(Operation::post("/v1/tokens", "issueToken")
        .says("Issue a token", "Nobody gives more than they have. The secret is shown once, in this answer.")
        .tag("tokens")
        .requires(Access::Organization(Needs::TokensWrite))
        .query(&form.query)
        .body(&form.body)
        .answers::<IssuedAnswer>(StatusCode::CREATED, "The token and its secret.")
        .answers::<IssuedAnswer>(StatusCode::OK, "What a dry run would have done.")
        .may_answer(&[
            Code::ScopeExceedsRole,
            Code::ScopeExceedsCaller,
            Code::PolicyViolation,
            Code::PlanLimitReached,
        ])
        .may_answer(COMMAND_CODES)
        .idempotent()
        .answered_by(move |app, entered| {
            let form = Arc::clone(&form);
            async move { issue(&app, &form, entered).await }
        }))
}

async fn issue(app: &App, form: &Form<Issue>, entered: Entered) -> Result<Response, Problem> {
    let Asking { caller, body, asked, .. } = entered.command(app, form, "").await?;
    let said = Said { scopes: &body.scopes, end: wish::end(&body) };
    let issued = app.commands.issue_token(&asked, wish::wish(&body)?).await;
    let issued = issued.map_err(|it| refused_saying(app, &caller, it, said))?;
    let position = issued.token.position;
    let status = if asked.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let answer = (status, render(app, issued)?).into_response();
    Ok(app.acknowledge(&asked, asked.organization, position, answer))
}

fn render(app: &App, issued: TokenIssued) -> Result<Response, Problem> {
    let TokenIssued { id, token, secret } = issued;
    let already_shown = already_shown(token.outcome, secret.is_some());
    let version = token.version;
    let token = TokenAnswer::of(id, &token, &app.brand, app.clock.now()).ok_or_else(Problem::not_found)?;
    let answer = IssuedAnswer { token, secret: secret.map(Into::into), already_shown };
    Ok(tagged(version, json(&answer)?))
}
