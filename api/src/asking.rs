//! From a request to a command: how it is read, how a repetition is recognised, and who is said to have asked.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, header, request};
use commands::asked::Asked;
use domain::{actor, erasable::Erasable, ids::CommandId};
use projections::Position;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::body::{BodyReader, SchemaError};
use crate::caller::Caller;
use crate::entered::Entered;
use crate::position::POSITION_NAME as POSITION;
use crate::problem::{Code, Problem};
use crate::query::{DryRun, QueryReader};
use crate::routes::Kit;
use crate::routes::headers::{Expected, idempotency_key, if_match};

/// Characters of a user agent that are kept.
const USER_AGENT_CHARACTERS: usize = 256;

/// How requests for a command are read; built once per operation.
pub(crate) struct Form<B> {
    pub(crate) body: BodyReader<B>,
    pub(crate) query: Arc<QueryReader<DryRun>>,
}

impl<B: DeserializeOwned + JsonSchema> Form<B> {
    /// For the operation of this id.
    pub(crate) fn new(kit: &Kit, operation: &'static str) -> Result<Self, SchemaError> {
        Ok(Self { body: kit.body()?, query: kit.query(operation)? })
    }

    /// The same with another reader of the body.
    pub(crate) fn refined(self, refine: impl FnOnce(BodyReader<B>) -> BodyReader<B>) -> Arc<Self> {
        Arc::new(Self { body: refine(self.body), query: self.query })
    }
}

/// A request to change something, read.
pub(crate) struct Asking<B> {
    pub(crate) caller: Caller,
    pub(crate) body: B,
    pub(crate) asked: Asked,
    /// The caller said `If-Match: *`: what is to be changed must be there.
    pub(crate) must_exist: bool,
}

impl Entered {
    /// Reads query, body and headers of a command about `subject`: the id in the path as it is always written, so
    /// that another spelling of the path is not another command.
    pub(crate) async fn command<B: DeserializeOwned + JsonSchema>(
        mut self,
        app: &App,
        form: &Form<B>,
        subject: &str,
    ) -> Result<Asking<B>, Problem> {
        let dry_run = self.query(&form.query)?.query.dry_run;
        let bytes = self.receive(&form.body).await?;
        let body = form.body.understand(&bytes)?;
        let expected = if self.door.conditional { if_match(&self.parts.headers)? } else { None };
        let key = idempotency_key(&self.parts.headers)?;
        // What is only tried is no command that a key could have named, and leaves none behind.
        let key = key.filter(|_| !dry_run);
        let asked = Asked {
            actor: self.caller.actor(),
            power: self.caller.power().clone(),
            organization: self.caller.organization,
            request: Some(origin(self.request_id(app), &self.parts)),
            command: self.command_id(subject, key),
            payload: key.map(|_| Sha256::digest(&bytes).into()),
            expected_version: expected.and_then(Expected::version),
            dry_run,
        };
        let must_exist = expected == Some(Expected::Any);
        Ok(Asking { caller: self.caller, body, asked, must_exist })
    }

    /// The same holder saying the same key to the same route means the same command.
    pub(crate) fn command_id(&self, subject: &str, key: Option<&str>) -> CommandId {
        let Some(key) = key else { return CommandId(Uuid::now_v7()) };
        let holder = self.caller.credential.holder.to_string();
        let path = written_out(self.door.template, subject);
        CommandId::of_key(self.caller.organization, &holder, self.parts.method.as_str(), &path, key)
    }
}

/// A template with its only parameter, if it has one, replaced by what it names.
fn written_out(template: &str, subject: &str) -> String {
    match template.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?.1))) {
        Some((head, tail)) => format!("{head}{subject}{tail}"),
        None => template.to_owned(),
    }
}

/// What is not there, for who said that it must be (RFC 9110 §13.1.1).
pub(crate) fn unmatched(must_exist: bool, problem: Problem) -> Problem {
    if must_exist && problem.code() == Code::NotFound {
        return Problem::new(
            Code::VersionMismatch,
            "If-Match: there is no such thing, or none that you may see",
        );
    }
    problem
}

/// The request as its facts will remember it.
fn origin(id: String, parts: &request::Parts) -> actor::Request {
    let cut = |it: &str| it.chars().take(USER_AGENT_CHARACTERS).collect();
    actor::Request {
        id,
        ip: peer(parts).map(Erasable::Known),
        user_agent: user_agent(&parts.headers).map(cut).map(Erasable::Known),
    }
}

/// Where a request came from.
pub(crate) fn peer(parts: &request::Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip().to_canonical())
}

/// What sent a request, by its own word.
pub(crate) fn user_agent(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::USER_AGENT)?.to_str().ok()
}

/// How long a query waits for the position that it was asked for.
pub(crate) const WAIT: Duration = Duration::from_secs(2);

/// A position that an answer must have reached, and where it was asked for.
pub(crate) struct Awaited {
    position: Position,
    named: &'static str,
}

impl Entered {
    /// What the caller has seen, by its header or by these parameters, or was answered for.
    pub(crate) fn awaits(
        &self,
        app: &App,
        parameters: &[(&'static str, Option<&str>)],
    ) -> Result<Awaited, Problem> {
        let seen = app.incarnation.awaited(&self.parts.headers)?.unwrap_or_default();
        let mut awaited = Awaited { position: seen, named: POSITION };
        for (name, text) in parameters {
            let Some(text) = text else { continue };
            let position = app.incarnation.read(text).map_err(|it| it.in_parameter(name))?;
            if awaited.position < position {
                awaited = Awaited { position, named: name };
            }
        }
        let acknowledged = app.acknowledged(self.caller.organization);
        Ok(Awaited { position: awaited.position.max(acknowledged), ..awaited })
    }
}

impl Awaited {
    /// Waits until a view has reached it; says where the view stands then.
    pub(crate) async fn reached(
        self,
        app: &App,
        view: &projections::runner::Handle,
    ) -> Result<Position, Problem> {
        let reached = view.wait_for(self.position, WAIT).await;
        reached.map_err(|err| crate::refusals::behind(app, err, self.named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_by_its_route_and_by_what_it_is_about() {
        assert_eq!(written_out("/v1/tokens/{id}/rotate", "tok_1"), "/v1/tokens/tok_1/rotate");
        assert_eq!(written_out("/v1/permissions/{name}", "a:b"), "/v1/permissions/a:b");
        assert_eq!(written_out("/v1/tokens", ""), "/v1/tokens");
    }

    #[test]
    fn what_must_exist_and_does_not_is_a_failed_precondition() {
        assert_eq!(unmatched(true, Problem::not_found()).code(), Code::VersionMismatch);
        assert_eq!(unmatched(false, Problem::not_found()).code(), Code::NotFound);
    }
}
