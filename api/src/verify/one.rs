//! `POST /v1/verify`: one question.

use axum::{http::StatusCode, response::Response};
use bytes::Bytes;
use projections::Position;
use std::sync::Arc;

use super::{Asks, MAY_ASK, Told, answer::Answer, fast::Ready, question::QuestionBody};
use crate::app::App;
use crate::body::{BodyReader, SchemaError};
use crate::caller::{not_ready, unrecordable};
use crate::edge::headers;
use crate::entered::Entered;
use crate::problem::{Code, Problem};
use crate::query::{Nothing, QueryReader};
use crate::routes::{Kit, Operation, Route};

/// Bytes that an answer mostly fits in.
const USUAL_ANSWER: usize = 640;

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Nothing>("verify")?;
    let reader = Arc::new(kit.body::<QuestionBody>()?.with_long_texts());
    Ok(Operation::post("/v1/verify", "verify")
        .says(
            "May this token do this?",
            "Always 200 for a caller that may ask; `code` says VALID, or the first reason against it. A token of \
             another organization is NOT_FOUND.",
        )
        .tag("gate")
        .requires(MAY_ASK)
        .decides()
        .query(&query)
        .body(&reader)
        .answers::<Answer<'static>>(StatusCode::OK, "The decision.")
        .may_answer(&[Code::NotReady])
        .answered_by(move |app, entered| {
            let (query, reader) = (Arc::clone(&query), Arc::clone(&reader));
            async move { verify(&app, &query, &reader, entered).await }
        }))
}

async fn verify(
    app: &App,
    query: &QueryReader<Nothing>,
    reader: &BodyReader<QuestionBody>,
    mut entered: Entered,
) -> Result<Response, Problem> {
    if entered.parts.uri.query().is_some() {
        entered.query(query)?;
    }
    let asks = Asks::of(&entered.caller);
    let body: Bytes = entered.receive(reader).await?;
    let mut text = Vec::with_capacity(USUAL_ANSWER);
    let position = answer(app, reader, asks, &body, &mut text)?;
    Ok(app.at(position, headers::json(text)))
}

/// Writes the answer to a question. It is read the short way, or else the long way, which knows how to say what is
/// wrong with it.
pub(super) fn answer(
    app: &App,
    reader: &BodyReader<QuestionBody>,
    asks: Asks,
    body: &[u8],
    text: &mut Vec<u8>,
) -> Result<Position, Problem> {
    if let Some(ready) = Ready::read(body) {
        return decide(app, asks, &ready.ask(asks.about), text);
    }
    let question = reader.understand(body)?;
    let permissions = question.permissions()?;
    decide(app, asks, &question.ask(asks.about, &permissions), text)
}

/// Decides, records, and only then writes. What cannot be recorded is not decided: asked here and not only at the
/// door, for a body may be long on its way.
fn decide(app: &App, asks: Asks, told: &Told<'_>, text: &mut Vec<u8>) -> Result<Position, Problem> {
    let now = app.clock.now();
    app.recorder.admit(now).map_err(unrecordable)?;
    let decision = app.gate.decide(&told.question, now).map_err(not_ready)?;
    let receipt = app.recorder.record(decision.decided(), &told.circumstances(asks, now));
    let request_id = app.recorder.request_id(receipt.counter());
    let decision = decision.recorded(receipt);
    let answer = Answer::of(&decision, app.incarnation, request_id);
    serde_json::to_writer(text, &answer).map_err(Problem::internal)?;
    Ok(decision.position)
}
