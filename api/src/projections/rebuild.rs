//! `POST /v1/projections/{name}/rebuild`: build a view again beside what is served.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::ids::JobId;
use projections::runner::{Handle, RebuildRefused};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::app::App;
use crate::body::{BodyReader, SchemaError};
use crate::entered::Entered;
use crate::jobs::JobAnswer;
use crate::problem::{Code, Problem};
use crate::query::{Nothing, QueryReader};
use crate::respond::json;
use crate::routes::headers::idempotency_key;
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// Which view.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes the path's parameter")]
struct ProjectionPath {
    /// As `GET /v1/projections` names it.
    name: String,
}

/// There is nothing to say about it. Without a list of its fields, even of none, what is unknown has no name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("properties" = {}))]
struct Rebuild {}

/// The work, begun.
#[derive(Serialize, JsonSchema)]
struct BegunAnswer {
    job: JobAnswer,
}

/// How requests are read.
struct Form {
    query: Arc<QueryReader<Nothing>>,
    body: BodyReader<Rebuild>,
}

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let form = Arc::new(Form { query: kit.query("rebuildProjection")?, body: kit.body()?.or_none() });
    Ok(Operation::post("/v1/projections/{name}/rebuild", "rebuildProjection")
        .says(
            "Build a view again",
            "From the first fact on, beside what is served. When it has caught up, both are compared at one position \
             and it is swapped in whole; the job says whether they were identical. Readers see the one or the other, \
             never a part. A crash leaves what was served.",
        )
        .tag("streams")
        .requires(Access::Platform(Needs::PlatformOperate))
        .path::<ProjectionPath>()
        .query(&form.query)
        .body(&form.body)
        .answers::<BegunAnswer>(StatusCode::ACCEPTED, "The job, to be followed at `Location`.")
        .may_answer(&[Code::StateConflict, Code::ViewHalted])
        .idempotent()
        .answered_by(move |app, entered| {
            let form = Arc::clone(&form);
            async move { rebuild(&app, &form, entered).await }
        }))
}

async fn rebuild(app: &App, form: &Form, mut entered: Entered) -> Result<Response, Problem> {
    let name: String = entered.named().await?;
    let view = app.projections.iter().find(|it| it.status().name == name).ok_or_else(Problem::not_found)?;
    entered.query(&form.query)?;
    let body = entered.receive(&form.body).await?;
    form.body.understand(&body)?;
    let key = idempotency_key(&entered.parts.headers)?;
    let id = JobId::of_command(entered.command_id(&name, key));
    let begun = view.rebuild(id).map_err(|it| refused(view, it))?;
    tracing::info!(projection = name, job = %id, token = %entered.caller.credential.token, "a rebuild is asked for");
    let mut answer = json(&BegunAnswer { job: JobAnswer::rebuild(app, view, begun) })?;
    *answer.status_mut() = StatusCode::ACCEPTED;
    if let Ok(place) = HeaderValue::try_from(format!("/v1/jobs/{id}")) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

fn refused(view: &Handle, refusal: RebuildRefused) -> Problem {
    let name = view.status().name;
    match refusal {
        RebuildRefused::UnderWay(job) => {
            let detail = format!("`{name}` is being built again; follow that job");
            Problem::new(Code::StateConflict, detail).with("job", job.to_string())
        }
        RebuildRefused::BeingBuilt => {
            Problem::new(Code::StateConflict, format!("`{name}` is being built; wait until it is served"))
        }
        RebuildRefused::Ended => {
            Problem::new(Code::ViewHalted, format!("nobody keeps `{name}` any more; restart this node"))
                .caused_by(refusal)
        }
    }
}
