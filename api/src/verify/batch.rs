//! `POST /v1/verify/batch`: up to 1,000 questions at once, each answered by itself.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use projections::gate::Asker;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use super::{answer::Answer, asker, question::QuestionBody};
use crate::app::App;
use crate::body::{BodyReader, SchemaError, reader::BATCH_BYTES};
use crate::caller::{Caller, not_ready};
use crate::edge::receive_body;
use crate::problem::{Code, Problem};
use crate::respond::json;
use crate::routes::{Kit, Operation, Route};

/// Many questions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// The questions, each as for `verify`.
    #[schemars(length(min = 1, max = 1000), with = "Vec<QuestionObject>")]
    requests: Vec<Value>,
}

/// A question as for `verify`; its faults are told in its own result.
#[derive(JsonSchema)]
#[schemars(extend("type" = "object", "additionalProperties" = true))]
struct QuestionObject {}

/// The answers, in the order of the questions.
#[derive(Serialize, JsonSchema)]
struct Answers {
    /// Each a decision, or `{problem}` where the question cannot be answered.
    results: Vec<Value>,
}

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let batch = Arc::new(kit.body::<Batch>()?.up_to(BATCH_BYTES));
    let question = Arc::new(kit.body::<QuestionBody>()?);
    Ok(Operation::post("/v1/verify/batch", "verifyBatch")
        .says(
            "Many questions at once",
            "At most 1,000, answered in their order; a fault in one does not touch the others.",
        )
        .tag("gate")
        .requires("tokens:verify")
        .body(&batch)
        .answers::<Answers>(StatusCode::OK, "The decisions.")
        .may_answer(&[Code::NotReady])
        .handled_by(move |State(app): State<App>, request: Request| {
            let (batch, question) = (Arc::clone(&batch), Arc::clone(&question));
            async move { verify_all(&app, &batch, &question, request).await }
        }))
}

async fn verify_all(
    app: &App,
    batch: &BodyReader<Batch>,
    question: &BodyReader<QuestionBody>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let caller = Caller::of(app, &parts.headers)?;
    let asker = asker(&caller)?;
    let body = receive_body(body, batch.limit(), batch.time()).await?;
    let Batch { requests } = batch.read(&parts.headers, &body)?;
    let position = app.gate.position();
    let mut results = Vec::with_capacity(requests.len());
    for request in &requests {
        results.push(result(app, question, asker, request)?);
    }
    Ok(app.at(position, json(&Answers { results })?))
}

/// One question's answer. A fault in the question is its own; a gate that does not answer is everybody's.
fn result(
    app: &App,
    reader: &BodyReader<QuestionBody>,
    asker: Asker,
    request: &Value,
) -> Result<Value, Problem> {
    let text = serde_json::to_vec(request).map_err(Problem::internal)?;
    let read = reader.read(&json_headers(), &text).and_then(|it| Ok((it.permissions()?, it)));
    let (permissions, question) = match read {
        Ok(read) => read,
        Err(problem) => {
            let problem = problem.request_id(app.request_ids.next());
            return Ok(serde_json::json!({ "problem": problem.to_value() }));
        }
    };
    let decision = app.gate.decide(&question.ask(asker, &permissions), app.clock.now()).map_err(not_ready)?;
    let answer = Answer::of(&decision, app.incarnation, app.request_ids.next());
    serde_json::to_value(answer).map_err(Problem::internal)
}

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}
