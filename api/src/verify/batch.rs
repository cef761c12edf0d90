//! `POST /v1/verify/batch`: up to 1,000 questions at once, each answered by itself.

use axum::{http::StatusCode, response::Response};
use projections::Position;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::sync::Arc;

use super::{Asks, MAY_ASK, answer::Answer, one::answer, question::QuestionBody};
use crate::app::App;
use crate::body::{BodyReader, SchemaError, reader::BATCH_BYTES};
use crate::edge::headers;
use crate::entered::Entered;
use crate::problem::{Code, FieldCode, FieldFault, Problem};
use crate::query::{Nothing, QueryReader};
use crate::routes::{Kit, Operation, Route};

/// Most questions of a batch.
const MOST: usize = 1_000;
/// So many questions are answered in one go; others get their turn before the next.
const AT_A_TIME: usize = 64;

/// Many questions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// The questions, each as for `verify`; what is wrong with one is told in its own result.
    #[schemars(length(min = 1, max = 1000))]
    #[expect(dead_code, reason = "describes them; they are read one by one")]
    requests: Vec<Value>,
}

/// The same, its questions unread and where they lie.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unread<'b> {
    #[serde(borrow)]
    requests: Vec<&'b RawValue>,
}

/// The answers, in the order of the questions.
#[derive(Serialize, JsonSchema)]
struct Answers {
    /// Each a decision, or `{problem}` where the question cannot be answered.
    results: Vec<AnswerOrProblem>,
}

/// One result.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the results; they are written one by one")]
enum AnswerOrProblem {
    /// The decision.
    Decided(Box<Answer<'static>>),
    /// Why there is none.
    Refused {
        /// Problem details, as `verify` would have answered.
        problem: Value,
    },
}

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Nothing>("verifyBatch")?;
    let batch = Arc::new(kit.body::<Batch>()?.up_to(BATCH_BYTES).with_long_texts());
    let question = Arc::new(kit.body::<QuestionBody>()?.with_long_texts());
    Ok(Operation::post("/v1/verify/batch", "verifyBatch")
        .says(
            "Many questions at once",
            "At most 1,000, answered in their order; a fault in one does not touch the others.",
        )
        .tag("gate")
        .requires(MAY_ASK)
        .decides()
        .query(&query)
        .body(&batch)
        .answers::<Answers>(StatusCode::OK, "The decisions.")
        .may_answer(&[Code::NotReady])
        .answered_by(move |app, entered| {
            let (query, batch, question) = (Arc::clone(&query), Arc::clone(&batch), Arc::clone(&question));
            async move { verify_all(&app, &query, &batch, &question, entered).await }
        }))
}

async fn verify_all(
    app: &App,
    query: &QueryReader<Nothing>,
    batch: &BodyReader<Batch>,
    question: &BodyReader<QuestionBody>,
    mut entered: Entered,
) -> Result<Response, Problem> {
    entered.query(query)?;
    let asks = Asks::of(&entered.caller);
    let body = entered.receive(batch).await?;
    let Unread { requests } = match serde_json::from_slice::<Unread<'_>>(&body) {
        Ok(unread) if (1..=MOST).contains(&unread.requests.len()) => unread,
        Ok(_) | Err(_) => return Err(refused(batch, &body)),
    };
    let position = app.gate.position();
    let mut text = b"{\"results\":[".to_vec();
    for (at, request) in requests.iter().enumerate() {
        if at != 0 {
            text.push(b',');
            if at.is_multiple_of(AT_A_TIME) {
                tokio::task::yield_now().await;
            }
        }
        result(app, question, asks, request.get().as_bytes(), &mut text)?;
    }
    text.extend_from_slice(b"]}");
    Ok(app.at(position, headers::json(text)))
}

/// What is wrong with a batch as such.
fn refused(reader: &BodyReader<Batch>, body: &[u8]) -> Problem {
    // What both ways understand differently is a fault of ours, and still no batch.
    let misunderstood = || {
        let detail = "give between 1 and 1,000 questions";
        Problem::invalid_body(vec![FieldFault::new("/requests", FieldCode::OutOfRange, detail)])
    };
    reader.understand(body).err().unwrap_or_else(misunderstood)
}

/// Writes one question's result. A fault in the question is its own; a gate that does not answer is everybody's.
fn result(
    app: &App,
    reader: &BodyReader<QuestionBody>,
    asks: Asks,
    request: &[u8],
    text: &mut Vec<u8>,
) -> Result<(), Problem> {
    let start = text.len();
    let answered: Result<Position, Problem> = answer(app, reader, asks, request, text);
    let problem = match answered {
        Ok(_) => return Ok(()),
        Err(problem) if problem.code().status().is_server_error() => return Err(problem),
        Err(problem) => problem.request_id(app.recorder.other_request_id()),
    };
    text.truncate(start);
    let refused = serde_json::json!({ "problem": problem.to_value() });
    serde_json::to_writer(text, &refused).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::formats;

    #[test]
    fn whatever_the_questions_are_the_batch_is_one() {
        let unread: Unread<'_> = serde_json::from_str(r#"{"requests":[7,null,{"token":"t"}]}"#).unwrap();
        assert_eq!(
            unread.requests.iter().map(|it| it.get()).collect::<Vec<_>>(),
            ["7", "null", r#"{"token":"t"}"#]
        );
    }

    #[test]
    fn a_batch_that_is_none_says_why() {
        let reader = Kit::new(formats()).body::<Batch>().unwrap();
        let faults = |body: &str| {
            let problem = refused(&reader, body.as_bytes());
            problem.faults().iter().map(|it| format!("{} {}", it.pointer, it.code.text())).collect::<Vec<_>>()
        };
        assert_eq!(faults(r#"{"requests":[]}"#), ["/requests out_of_range"]);
        assert_eq!(faults(r#"{"requests":null,"more":1}"#), ["/requests wrong_type", "/more unknown_field"]);
        assert_eq!(faults("{}"), ["/requests required"]);
        let many = format!(r#"{{"requests":[{}1]}}"#, "1,".repeat(MOST));
        assert!(faults(&many).contains(&"/requests too_long".to_owned()));
        assert_eq!(refused(&reader, b"{").code(), Code::MalformedJson);
    }
}
