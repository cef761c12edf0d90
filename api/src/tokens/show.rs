//! `GET /v1/tokens/{id}`: one token.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::ids::TokenId;
use projections::token_list::Owner;
use schemars::JsonSchema;
use serde::Serialize;

use super::{TokenPath, answer::TokenAnswer};
use crate::app::App;
use crate::asking::await_view;
use crate::caller::Caller;
use crate::problem::{Code, Problem};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json, tagged};
use crate::routes::{Operation, Route, Segment};

/// The token.
#[derive(Serialize, JsonSchema)]
struct ShownAnswer {
    token: TokenAnswer,
}

pub(crate) fn route() -> Route<App> {
    Operation::get("/v1/tokens/{id}", "showToken")
        .says("Show a token", "Never its secret. A token may always see itself.")
        .tag("tokens")
        .requires("tokens:read")
        .path::<TokenPath>()
        .answers::<ShownAnswer>(StatusCode::OK, "The token.")
        .may_answer(&[Code::OrganizationRequired])
        .may_answer(VIEW_CODES)
        .handled_by(|State(app): State<App>, path: Segment<TokenPath>, headers: HeaderMap| async move {
            show(&app, path.0.id()?, &headers).await
        })
}

async fn show(app: &App, id: TokenId, headers: &HeaderMap) -> Result<Response, Problem> {
    let caller = Caller::of(app, headers)?;
    let organization = caller.organization()?;
    if caller.credential.token != id {
        caller.require("tokens:read")?;
    }
    let handle = app.token_list.view().handle();
    let position = await_view(app, headers, None, Some(organization), handle).await?;
    let found = app.token_list.find(Owner::Organization(organization), id).await.map_err(unreadable)?;
    let token = TokenAnswer::listed(&found.ok_or_else(Problem::not_found)?, &app.brand, app.clock.now());
    Ok(app.at(position, tagged(token.version, json(&ShownAnswer { token })?)))
}
