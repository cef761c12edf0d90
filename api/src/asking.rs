//! From a request to a command: who asks, how a repetition is recognised, and what came of it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header, request};
use bytes::Bytes;
use commands::asked::Asked;
use domain::{
    actor,
    erasable::Erasable,
    ids::{CommandId, OrganizationId},
};
use projections::Position;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::body::BodyReader;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::headers::{Expected, idempotency_key, if_match};

/// Bytes of a user agent that are kept.
const USER_AGENT_BYTES: usize = 256;

/// A request whose caller is known and whose body is read.
pub(crate) struct Asking<T> {
    pub(crate) caller: Caller,
    pub(crate) body: T,
    pub(crate) asked: Asked,
}

/// Proves the caller, then reads the body: who may not ask learns nothing about what could be asked.
pub(crate) async fn ask<T: DeserializeOwned + JsonSchema>(
    app: &App,
    request: Request,
    reader: &BodyReader<T>,
    dry_run: bool,
) -> Result<Asking<T>, Problem> {
    let (parts, body) = request.into_parts();
    let caller = Caller::of(app, &parts.headers)?;
    let bytes = receive(body, reader).await?;
    let body = reader.read(&parts.headers, &bytes)?;
    let asked = asked(app, &caller, &parts, &bytes, dry_run)?;
    Ok(Asking { caller, body, asked })
}

async fn receive<T: DeserializeOwned + JsonSchema>(
    body: Body,
    reader: &BodyReader<T>,
) -> Result<Bytes, Problem> {
    crate::edge::receive_body(body, reader.limit(), reader.time()).await
}

fn asked(
    app: &App,
    caller: &Caller,
    parts: &request::Parts,
    body: &[u8],
    dry_run: bool,
) -> Result<Asked, Problem> {
    let key = idempotency_key(&parts.headers)?;
    let expected_version = match if_match(&parts.headers)? {
        Some(Expected::Version(version)) => Some(version),
        Some(Expected::Any) | None => None,
    };
    Ok(Asked {
        actor: caller.actor(),
        power: caller.power.clone(),
        organization: caller.organization,
        request: Some(origin(app, parts)),
        command: command(caller, parts, key),
        payload: key.map(|_| Sha256::digest(body).into()),
        expected_version,
        dry_run,
    })
}

/// The same holder saying the same key to the same route means the same command.
fn command(caller: &Caller, parts: &request::Parts, key: Option<&str>) -> CommandId {
    let Some(key) = key else { return CommandId(Uuid::now_v7()) };
    let holder = caller.credential.holder.to_string();
    CommandId::of_key(caller.organization, &holder, parts.method.as_str(), parts.uri.path(), key)
}

/// The request as its facts will remember it.
fn origin(app: &App, parts: &request::Parts) -> actor::Request {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip().to_canonical());
    actor::Request {
        id: app.request_ids.next(),
        ip: peer.map(Erasable::Known),
        user_agent: user_agent(&parts.headers).map(Erasable::Known),
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_BYTES).collect())
}

/// How long a query waits for the position that it was asked for.
const WAIT: Duration = Duration::from_secs(2);

/// Waits until a view has reached what the caller has seen, or was answered for; says where it stands then.
pub(crate) async fn await_view(
    app: &App,
    headers: &HeaderMap,
    parameter: Option<&str>,
    organization: Option<OrganizationId>,
    view: &projections::runner::Handle,
) -> Result<Position, Problem> {
    let seen = app.incarnation.awaited(headers)?.unwrap_or_default();
    let asked = parameter.map(|it| app.incarnation.read(it)).transpose()?.unwrap_or_default();
    let position = seen.max(asked).max(app.acknowledged().last(organization));
    view.wait_for(position, WAIT).await.map_err(|err| crate::refusals::behind(app, err))
}
