//! `POST /v1/verify`: one question.

use axum::{http::StatusCode, response::Response};
use bytes::Bytes;
use projections::Position;
use projections::gate::{Asker, Question};
use std::sync::Arc;

use super::{MAY_ASK, answer::Answer, asker, fast::Ready, question::QuestionBody};
use crate::app::App;
use crate::body::{BodyReader, SchemaError};
use crate::caller::not_ready;
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
    let asker = asker(&entered.caller);
    let body: Bytes = entered.receive(reader).await?;
    let mut text = Vec::with_capacity(USUAL_ANSWER);
    let position = answer(app, reader, asker, &body, &mut text)?;
    Ok(app.at(position, headers::json(text)))
}

/// Writes the answer to a question. It is read the short way, or else the long way, which knows how to say what is
/// wrong with it.
pub(super) fn answer(
    app: &App,
    reader: &BodyReader<QuestionBody>,
    asker: Asker,
    body: &[u8],
    text: &mut Vec<u8>,
) -> Result<Position, Problem> {
    if let Some(ready) = Ready::read(body) {
        return decide(app, &ready.ask(asker), text);
    }
    let question = reader.understand(body)?;
    let permissions = question.permissions()?;
    decide(app, &question.ask(asker, &permissions), text)
}

fn decide(app: &App, question: &Question<'_>, text: &mut Vec<u8>) -> Result<Position, Problem> {
    let decision = app.gate.decide(question, app.clock.now()).map_err(not_ready)?;
    let answer = Answer::of(&decision, app.incarnation, app.request_ids.next());
    serde_json::to_writer(text, &answer).map_err(Problem::internal)?;
    Ok(decision.position)
}
