//! Behind the door: a request whose caller is proven and may call. Only here are path, query and body read, in this
//! order, so that a request without a credential is answered 401 whatever else is wrong with it.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request;
use axum::response::Response;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::str::FromStr;

use crate::app::App;
use crate::body::BodyReader;
use crate::caller::{Caller, unrecordable};
use crate::door::{Admission, Door, at, segment};
use crate::problem::Problem;
use crate::query::{Asked, QueryReader};
use crate::routes::{Operation, Route, parameter_names};

/// A request whose caller is proven and may call.
pub(crate) struct Entered {
    pub(crate) caller: Caller,
    pub(crate) parts: request::Parts,
    body: Body,
    pub(crate) door: Door,
    recorded: Option<u64>,
}

impl Operation {
    /// Joins the description to what answers it, behind the door that its access describes.
    pub(crate) fn answered_by<F, A>(self, handler: F) -> Route<App>
    where
        F: Fn(App, Entered) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        let door = Door::of(&self);
        self.handled_by(move |State(app): State<App>, request: Request| {
            let handler = handler.clone();
            async move { answer(door, app, request, handler).await }
        })
    }
}

async fn answer<F, A>(door: Door, app: App, request: Request, handler: F) -> Result<Response, Problem>
where
    F: Fn(App, Entered) -> A,
    A: Future<Output = Result<Response, Problem>>,
{
    let (mut parts, body) = request.into_parts();
    let Admission { stamp, caller, recorded } = match door.admit(&app, &mut parts).await {
        Ok(admission) => admission,
        Err(problem) => return Err(at(&app, app.gate.position(), problem)),
    };
    let mut answer = match caller {
        Ok(caller) => handler(app.clone(), Entered { caller, parts, body, door, recorded }).await,
        Err(problem) => Err(problem),
    };
    // What was recorded at the door is settled there.
    if door.decides && recorded.is_none() {
        let settled = app.recorder.settle().await;
        answer = settled.map_err(unrecordable).and(answer);
    }
    let answer = answer.map_err(|problem| named(&app, recorded, problem));
    match stamp {
        Some(stamp) => stamp.put(&app, answer),
        None => answer.map_err(|problem| at(&app, app.gate.position(), problem)),
    }
}

/// A problem of a recorded call bears the id that the call is recorded under.
fn named(app: &App, recorded: Option<u64>, problem: Problem) -> Problem {
    match recorded {
        Some(counter) if problem.id().is_none() => problem.request_id(app.recorder.request_id(counter)),
        Some(_) | None => problem,
    }
}

impl Entered {
    /// The id of the request: that of its decision, where it is one.
    pub(crate) fn request_id(&self, app: &App) -> String {
        self.recorded.map_or_else(|| app.recorder.other_request_id(), |it| app.recorder.request_id(it))
    }

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
