//! `GET /v1/whoami`: the caller, as the gate sees it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::{extract::ConnectInfo, http::StatusCode, response::Response};
use domain::permission::PermissionName;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::body::SchemaError;
use crate::caller::Caller;
use crate::entered::Entered;
use crate::problem::Problem;
use crate::query::{Nothing, QueryReader};
use crate::respond::json;
use crate::routes::{Kit, Operation, Route};
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
    /// The limits that it is held to; none yet.
    limits: Vec<Value>,
    /// The position of the ledger that this was read at.
    position: String,
}

pub(crate) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Nothing>("whoAmI")?;
    Ok(Operation::get("/v1/whoami", "whoAmI")
        .says("Who am I?", "The credential presented, and what it can do at this moment.")
        .tag("gate")
        .query(&query)
        .answers::<WhoAmI>(StatusCode::OK, "The caller.")
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { whoami(&app, &query, &entered) }
        }))
}

fn whoami(app: &App, query: &QueryReader<Nothing>, entered: &Entered) -> Result<Response, Problem> {
    entered.query(query)?;
    let (caller, credential) = (&entered.caller, &entered.caller.credential);
    let peer = entered.parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let answer = WhoAmI {
        token_id: credential.token.to_string(),
        kind: credential.kind.as_str(),
        organization: caller.organization.map(|it| it.to_string()),
        holder: credential.holder.into(),
        role: caller.power().role.to_string(),
        scopes: credential.scopes.iter().map(ToString::to_string).collect(),
        effective_scopes: effective(caller).map(ToString::to_string).collect(),
        expires_at: credential.expires_at.map(|it| it.to_string()),
        ip: peer.map(|it| it.0.ip().to_canonical().to_string()),
        limits: Vec::new(),
        position: app.incarnation.show(credential.position),
    };
    Ok(app.at(credential.position, json(&answer)?))
}

fn effective(caller: &Caller) -> impl Iterator<Item = &PermissionName> {
    caller.credential.catalogue().entries().iter().map(|it| &it.name).filter(|it| caller.has(it))
}
