//! The door: who calls is proven and judged, and what came of it is recorded, before anything else of a request is
//! read.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::{HeaderMap, HeaderValue, request};
use axum::response::Response;
use domain::ids::TokenId;
use domain::time::{Lifespan, Timestamp};
use projections::Position;
use projections::gate::{Credential, Refusal};
use schemas::usage::{AsColumn, Circumstances, Decided, Endpoint, Layer, Outcome};

use crate::app::App;
use crate::asking::{peer, user_agent};
use crate::caller::{Caller, bearer, not_ready, refused, unrecordable};
use crate::position;
use crate::problem::{Code, Problem};
use crate::routes::headers::{ORGANIZATION, POSITION, TOKEN_EXPIRES};
use crate::routes::{Access, Needs, Operation};

/// How long before its end a credential is told of it on every answer.
const EXPIRY_NOTICE_DAYS: i64 = 30;

/// What is known of an operation before it is called.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    access: Access,
    /// The path's template, such as `/v1/tokens/{id}`.
    pub(crate) template: &'static str,
    /// Whether `If-Match` means something here.
    pub(crate) conditional: bool,
    /// Whether it decides about tokens that others present.
    pub(crate) decides: bool,
}

/// What came of a request's credential.
pub(crate) struct Admission {
    /// What every answer to a proven caller says besides.
    pub(crate) stamp: Option<Stamp>,
    /// Who calls, if they may.
    pub(crate) caller: Result<Caller, Problem>,
    /// The counter that the call is recorded under; none where the caller is a column of the decisions it asks for.
    pub(crate) recorded: Option<u64>,
}

impl Door {
    pub(crate) fn of(operation: &Operation) -> Self {
        let Operation { access, path, conditional, decides, .. } = *operation;
        Self { access, template: path, conditional, decides }
    }

    /// Proves the caller, judges whether they may call, and records it.
    ///
    /// # Errors
    /// When there is no credential, nothing can be decided, or nothing can be recorded.
    pub(crate) async fn admit(self, app: &App, parts: &mut request::Parts) -> Result<Admission, Problem> {
        let now = app.clock.now();
        let itself = self.itself(parts).await;
        let text = bearer(&parts.headers)?;
        app.recorder.admit(now).map_err(unrecordable)?;
        let presented = app.gate.authenticate(text, now).map_err(not_ready)?;
        let mut judged =
            presented.map(|found, decided| self.judge(app, &parts.headers, itself, now, found, decided));
        if self.decides {
            judged = match judged.into_column() {
                AsColumn::Column(admission) => return Ok(admission),
                AsColumn::OfItsOwn(refused) => refused,
            };
        }
        let receipt =
            app.recorder.record(judged.decided(), &self.circumstances(judged.decided(), parts, now));
        let (admission, receipt) = judged.recorded(receipt).into_parts();
        let settled = app.recorder.settle().await;
        // What is not durable in time mostly is soon after: the problem bears the id that finds it then.
        settled.map_err(|it| unrecordable(it).request_id(app.recorder.request_id(receipt.counter())))?;
        Ok(Admission { recorded: Some(receipt.counter()), ..admission })
    }

    fn judge(
        self,
        app: &App,
        headers: &HeaderMap,
        itself: Option<TokenId>,
        now: Timestamp,
        found: Result<Credential, Refusal>,
        decided: &mut Decided,
    ) -> Admission {
        let credential = match found {
            Ok(credential) => credential,
            Err(refusal) => {
                return Admission { stamp: None, caller: Err(refused(&refusal)), recorded: None };
            }
        };
        let stamp = Some(Stamp::of(&credential, now));
        let caller = self.let_in(app, headers, itself, Caller::of(credential));
        let is_refused = |it: &Problem| matches!(it.code(), Code::InsufficientScope | Code::NotFound);
        if caller.as_ref().err().is_some_and(is_refused) {
            (decided.outcome, decided.layer) = (Outcome::INSUFFICIENT_PERMISSIONS, Layer::SCOPE);
        }
        Admission { stamp, caller, recorded: None }
    }

    fn let_in(
        self,
        app: &App,
        headers: &HeaderMap,
        itself: Option<TokenId>,
        caller: Caller,
    ) -> Result<Caller, Problem> {
        let caller = match self.access {
            Access::Platform(_) => caller,
            Access::Open
            | Access::Caller
            | Access::Organization(_)
            | Access::OrganizationOrItself(_)
            | Access::Either { .. } => caller.placed(app, headers)?,
        };
        caller.admitted(self.access, itself)?;
        Ok(caller)
    }

    /// The token that the path names, where that may be the caller's own.
    async fn itself(self, parts: &mut request::Parts) -> Option<TokenId> {
        match self.access {
            Access::OrganizationOrItself(_) => segment(parts, "id").await.and_then(|it| it.parse().ok()),
            Access::Open
            | Access::Caller
            | Access::Organization(_)
            | Access::Platform(_)
            | Access::Either { .. } => None,
        }
    }

    /// The call as it is recorded: by its template, so that it names no thing.
    fn circumstances<'a>(
        self,
        decided: &Decided,
        parts: &'a request::Parts,
        now: Timestamp,
    ) -> Circumstances<'a> {
        let in_organization = decided.organization.is_some() || parts.headers.contains_key(ORGANIZATION);
        let needs = self.access.needed(in_organization).and_then(Needs::name);
        Circumstances {
            permissions: needs.map(std::slice::from_ref).unwrap_or_default(),
            endpoint: Some(Endpoint { method: parts.method.as_str(), path: self.template }),
            address: peer(parts),
            user_agent: user_agent(&parts.headers),
            ..Circumstances::at(now.micros())
        }
    }
}

/// A segment of the path, by its name in the template.
pub(crate) async fn segment(parts: &mut request::Parts, name: &str) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    parameters.iter().find(|(it, _)| *it == name).map(|(_, value)| value.to_owned())
}

/// What every answer to a proven caller says besides.
pub(crate) struct Stamp {
    position: Position,
    expires: Option<Timestamp>,
}

impl Stamp {
    fn of(credential: &Credential, now: Timestamp) -> Self {
        let soon = now.plus(Lifespan::days(EXPIRY_NOTICE_DAYS));
        Self { position: credential.position, expires: credential.expires_at.filter(|it| *it <= soon) }
    }

    pub(crate) fn put(self, app: &App, answer: Result<Response, Problem>) -> Result<Response, Problem> {
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
pub(crate) fn at(app: &App, position: Position, problem: Problem) -> Problem {
    match HeaderValue::try_from(app.incarnation.show(position)) {
        Ok(value) => problem.header(POSITION, value),
        Err(_) => problem,
    }
}
