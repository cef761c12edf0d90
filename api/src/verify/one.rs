//! `POST /v1/verify`: one question.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bytes::Bytes;
use projections::gate::{Asker, Question};
use std::sync::Arc;

use super::{answer::Answer, asker, fast::Ready, question::QuestionBody};
use crate::app::App;
use crate::body::{BodyReader, SchemaError};
use crate::caller::{Caller, not_ready};
use crate::edge::{headers, receive_body};
use crate::problem::{Code, Problem};
use crate::routes::{Kit, Operation, Route};

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let reader = Arc::new(kit.body::<QuestionBody>()?);
    Ok(Operation::post("/v1/verify", "verify")
        .says(
            "May this token do this?",
            "Always 200 for a caller that may ask; `code` says VALID, or the first reason against it. A token of \
             another organization is NOT_FOUND.",
        )
        .tag("gate")
        .requires("tokens:verify")
        .body(&reader)
        .answers::<Answer<'static>>(StatusCode::OK, "The decision.")
        .may_answer(&[Code::NotReady])
        .handled_by(move |State(app): State<App>, request: Request| {
            let reader = Arc::clone(&reader);
            async move { verify(&app, &reader, request).await }
        }))
}

async fn verify(app: &App, reader: &BodyReader<QuestionBody>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let caller = Caller::of(app, &parts.headers)?;
    let asker = asker(&caller)?;
    let body: Bytes = receive_body(body, reader.limit(), reader.time()).await?;
    match Ready::read(&body).filter(|_| is_json(&parts.headers)) {
        Some(ready) => decide(app, &ready.ask(asker)),
        None => decide_slowly(app, reader, asker, &parts.headers, &body),
    }
}

/// The plain media type; anything else is looked at the long way.
fn is_json(headers: &HeaderMap) -> bool {
    headers.get(axum::http::header::CONTENT_TYPE).is_some_and(|it| it == "application/json")
}

fn decide_slowly(
    app: &App,
    reader: &BodyReader<QuestionBody>,
    asker: Asker,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Problem> {
    let question = reader.read(headers, body)?;
    let permissions = question.permissions()?;
    decide(app, &question.ask(asker, &permissions))
}

fn decide(app: &App, question: &Question<'_>) -> Result<Response, Problem> {
    let decision = app.gate.decide(question, app.clock.now()).map_err(not_ready)?;
    let mut text = Vec::with_capacity(640);
    let answer = Answer::of(&decision, app.incarnation, app.request_ids.next());
    serde_json::to_writer(&mut text, &answer).map_err(Problem::internal)?;
    Ok(app.at(decision.position, headers::json(text)))
}
