//! Behind the door: a request whose caller is proven and may call. Only here are path, query and body read, in this
//! order, so that a request without a credential is answered 401 whatever else is wrong with it.

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::{HeaderValue, request};
use axum::response::Response;
use bytes::Bytes;
use domain::time::{Lifespan, Timestamp};
use projections::Position;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::str::FromStr;

use crate::app::App;
use crate::body::BodyReader;
use crate::caller::Caller;
use crate::position;
use crate::problem::Problem;
use crate::query::{Asked, QueryReader};
use crate::routes::headers::{POSITION, TOKEN_EXPIRES};
use crate::routes::{Access, Operation, Route, parameter_names};

/// How long before its end a credential is told of it on every answer.
const EXPIRY_NOTICE_DAYS: i64 = 30;

/// A request whose caller is proven and may call.
pub(crate) struct Entered {
    pub(crate) caller: Caller,
    pub(crate) parts: request::Parts,
    body: Body,
    pub(crate) door: Door,
}

/// What is known of an operation before it is called.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    access: Access,
    /// The path's template, such as `/v1/tokens/{id}`.
    pub(crate) template: &'static str,
    /// Whether `If-Match` means something here.
    pub(crate) conditional: bool,
}

impl Operation {
    /// Joins the description to what answers it, behind the door that its access describes.
    pub(crate) fn answered_by<F, A>(self, handler: F) -> Route<App>
    where
        F: Fn(App, Entered) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        let door = Door { access: self.access, template: self.path, conditional: self.conditional };
        self.handled_by(move |State(app): State<App>, request: Request| {
            let handler = handler.clone();
            async move { door.answer(app, request, handler).await }
        })
    }
}

impl Door {
    async fn answer<F, A>(self, app: App, request: Request, handler: F) -> Result<Response, Problem>
    where
        F: Fn(App, Entered) -> A,
        A: Future<Output = Result<Response, Problem>>,
    {
        let (mut parts, body) = request.into_parts();
        let now = app.clock.now();
        let caller = match Caller::of(&app, &parts.headers, now) {
            Ok(caller) => caller,
            Err(problem) => return Err(at(&app, app.gate.position(), problem)),
        };
        let stamp = Stamp { position: caller.credential.position, expires: expires_soon(&caller, now) };
        let entered = match self.admit(&app, caller, &mut parts).await {
            Ok(caller) => handler(app.clone(), Entered { caller, parts, body, door: self }).await,
            Err(problem) => Err(problem),
        };
        stamp.put(&app, entered)
    }

    async fn admit(self, app: &App, caller: Caller, parts: &mut request::Parts) -> Result<Caller, Problem> {
        let caller = match self.access {
            Access::Platform(_) => caller,
            Access::Open
            | Access::Caller
            | Access::Organization(_)
            | Access::OrganizationOrItself(_)
            | Access::Either { .. } => caller.placed(app, &parts.headers)?,
        };
        let itself = match self.access {
            Access::OrganizationOrItself(_) => segment(parts, "id").await.and_then(|it| it.parse().ok()),
            Access::Open
            | Access::Caller
            | Access::Organization(_)
            | Access::Platform(_)
            | Access::Either { .. } => None,
        };
        caller.admitted(self.access, itself)?;
        Ok(caller)
    }
}

impl Entered {
    /// What the path names, by the only parameter that its template has. What cannot be read names nothing.
    pub(crate) async fn named<T: FromStr>(&mut self) -> Result<T, Problem> {
        let name = parameter_names(self.door.template).next().unwrap_or_default();
        let text = segment(&mut self.parts, name).await;
        text.and_then(|it| it.parse().ok()).ok_or_else(Problem::not_found)
    }

    /// The query, read.
    pub(crate) fn query<Q: DeserializeOwned + JsonSchema>(
        &self,
        reader: &QueryReader<Q>,
    ) -> Result<Asked<Q>, Problem> {
        reader.read(self.parts.uri.query())
    }

    /// Receives the body, whole and of the right media type.
    pub(crate) async fn receive<B: DeserializeOwned + JsonSchema>(
        &mut self,
        reader: &BodyReader<B>,
    ) -> Result<Bytes, Problem> {
        reader.receive(&self.parts.headers, std::mem::take(&mut self.body)).await
    }
}

async fn segment(parts: &mut request::Parts, name: &str) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    parameters.iter().find(|(it, _)| *it == name).map(|(_, value)| value.to_owned())
}

/// What every answer to a proven caller says besides.
struct Stamp {
    position: Position,
    expires: Option<Timestamp>,
}

impl Stamp {
    fn put(self, app: &App, answer: Result<Response, Problem>) -> Result<Response, Problem> {
        let expires = self.expires.and_then(|it| HeaderValue::try_from(it.to_string()).ok());
        match answer {
            Ok(mut response) => {
                let headers = response.headers_mut();
                if !headers.contains_key(POSITION) {
                    position::put(headers, app.incarnation, self.position);
                }
                headers.extend(expires.map(|it| (TOKEN_EXPIRES, it)));
                Ok(response)
            }
            Err(problem) => {
                let problem = at(app, self.position, problem);
                Err(match expires {
                    Some(expires) => problem.header(TOKEN_EXPIRES, expires),
                    None => problem,
                })
            }
        }
    }
}

/// A problem with the position that it was found at.
fn at(app: &App, position: Position, problem: Problem) -> Problem {
    match HeaderValue::try_from(app.incarnation.show(position)) {
        Ok(value) => problem.header(POSITION, value),
        Err(_) => problem,
    }
}

/// The end of the caller's credential, if it is near.
fn expires_soon(caller: &Caller, now: Timestamp) -> Option<Timestamp> {
    caller.credential.expires_at.filter(|it| *it <= now.plus(Lifespan::days(EXPIRY_NOTICE_DAYS)))
}
