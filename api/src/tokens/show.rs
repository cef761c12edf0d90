//! `GET /v1/tokens/{id}`: one token.

use axum::{http::StatusCode, response::Response};
use domain::ids::TokenId;
use projections::token_list::Owner;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

use super::{TokenPath, answer::TokenAnswer, used::Uses};
use crate::app::App;
use crate::body::SchemaError;
use crate::entered::Entered;
use crate::problem::{Code, Problem};
use crate::query::{QueryReader, Seen};
use crate::refusals::unreadable;
use crate::respond::{VIEW_CODES, json, tagged};
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// The token.
#[derive(Serialize, JsonSchema)]
struct ShownAnswer {
    token: TokenAnswer,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Seen>("showToken")?;
    Ok(Operation::get("/v1/tokens/{id}", "showToken")
        .says("Show a token", "Never its secret. A token may always see itself.")
        .tag("tokens")
        .requires(Access::OrganizationOrItself(Needs::TokensRead))
        .path::<TokenPath>()
        .query(&query)
        .answers::<ShownAnswer>(StatusCode::OK, "The token.")
        .may_answer(&[Code::OrganizationRequired])
        .may_answer(VIEW_CODES)
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { show(&app, &query, entered).await }
        }))
}

async fn show(app: &App, query: &QueryReader<Seen>, mut entered: Entered) -> Result<Response, Problem> {
    let id: TokenId = entered.named().await?;
    let seen = entered.query(query)?.query;
    let parameters = [("min_position", seen.min_position.as_deref())];
    let position = entered.awaits(app, &parameters)?.reached(app, app.token_list.view().handle()).await?;
    let owner = entered.caller.organization.map_or(Owner::Operators, Owner::Organization);
    let found = app.token_list.look_up(owner, id).await.map_err(unreadable)?;
    let (listed, is_parked) = found.ok_or_else(Problem::not_found)?;
    let mut token = TokenAnswer::listed(&listed, &app.brand, app.clock.now()).parked(is_parked);
    Uses::of(app, &entered.caller, &[id]).await?.tell(id, &mut token);
    Ok(app.at(position, tagged(token.version, json(&ShownAnswer { token })?)))
}
