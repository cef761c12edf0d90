//! `GET /v1/whoami`: the caller, as the gate sees it.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    http::StatusCode,
    response::Response,
};
use domain::permission::PermissionName;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::respond::json;
use crate::routes::{Operation, Route};
use crate::tokens::answer::HolderAnswer;

/// The caller.
#[derive(Serialize, JsonSchema)]
struct WhoAmI {
    /// The token presented.
    token_id: String,
    /// `pat`, `svc`, `agt` or `ops`.
    kind: &'static str,
    /// The organisation it acts in.
    organization: Option<String>,
    /// Whom it acts for.
    holder: HolderAnswer,
    /// The holder's role.
    role: String,
    /// What it asks for.
    scopes: Vec<String>,
    /// The permissions that it has now.
    effective_scopes: Vec<String>,
    /// It is refused from this instant on; null: never.
    expires_at: Option<String>,
    /// Where this request came from.
    ip: Option<String>,
    /// The position of the ledger that this was read at.
    position: String,
}

pub(crate) fn route() -> Route<App> {
    Operation::get("/v1/whoami", "whoAmI")
        .says("Who am I?", "The credential presented, and what it can do at this moment.")
        .tag("gate")
        .answers::<WhoAmI>(StatusCode::OK, "The caller.")
        .handled_by(|State(app): State<App>, request: Request| async move { whoami(&app, &request) })
}

fn whoami(app: &App, request: &Request) -> Result<Response, Problem> {
    let caller = Caller::of(app, request.headers())?;
    let credential = &caller.credential;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let answer = WhoAmI {
        token_id: credential.token.to_string(),
        kind: credential.kind.as_str(),
        organization: caller.organization.map(|it| it.to_string()),
        holder: credential.holder.into(),
        role: caller.power.role.to_string(),
        scopes: credential.scopes.iter().map(ToString::to_string).collect(),
        effective_scopes: effective(&caller).map(ToString::to_string).collect(),
        expires_at: credential.expires_at.map(|it| it.to_string()),
        ip: peer.map(|it| it.0.ip().to_canonical().to_string()),
        position: app.incarnation.show(credential.position),
    };
    Ok(app.at(credential.position, json(&answer)?))
}

fn effective(caller: &Caller) -> impl Iterator<Item = &PermissionName> {
    caller.credential.catalogue().entries().iter().map(|it| &it.name).filter(|it| caller.may(it))
}
