//! `GET /v1/projections`: how far the views are.

use axum::{http::StatusCode, response::Response};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

use super::answer::ProjectionAnswer;
use crate::app::App;
use crate::body::SchemaError;
use crate::entered::Entered;
use crate::problem::{Code, Problem};
use crate::query::{Asked, Page, Paging, QueryReader};
use crate::respond::json;
use crate::routes::{Access, Kit, Needs, Operation, Route};

/// Which views.
#[derive(Deserialize, JsonSchema)]
struct Filter {
    #[serde(flatten)]
    paging: Paging,
}

pub(super) fn route(kit: &Kit) -> Result<Route<App>, SchemaError> {
    let query = kit.query::<Filter>("listProjections")?;
    Ok(Operation::get("/v1/projections", "listProjections")
        .says(
            "List the views",
            "How far each is, for everybody who reads them: any live credential sees this.",
        )
        .tag("streams")
        .requires(Access::Caller)
        .query(&query)
        .answers::<Page<ProjectionAnswer>>(StatusCode::OK, "A page of views.")
        .may_answer(&[Code::InvalidCursor])
        .answered_by(move |app, entered| {
            let query = Arc::clone(&query);
            async move { list(&app, &query, &entered) }
        }))
}

fn list(app: &App, query: &QueryReader<Filter>, entered: &Entered) -> Result<Response, Problem> {
    let Asked { query: filter, binding } = entered.query(query)?;
    let after: Option<usize> = filter.paging.cursor.as_deref().map(|it| binding.open(it)).transpose()?;
    let first = after.map_or(0, |it| it.saturating_add(1));
    let limit = usize::from(filter.paging.limit);
    let reasons = entered.caller.may(Needs::PlatformOperate);
    let views = app.projections.iter().skip(first).take(limit);
    let end = first.saturating_add(limit);
    let position = app.gate.position();
    let page = Page {
        data: views.map(|it| ProjectionAnswer::of(app, it, reasons)).collect::<Vec<_>>(),
        next_cursor: (end < app.projections.len()).then(|| binding.cursor(&(end - 1))),
        position: app.incarnation.show(position),
        parked: None,
    };
    Ok(app.at(position, json(&page)?))
}
