//! `/openapi.json` and the page that renders it.

use std::sync::{Arc, OnceLock};

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::edge::headers::{html, json, typed};
use crate::problem::Problem;
use crate::routes::{Operation, Route};

const PAGE: &str = include_str!("page/docs.html");
const SCRIPT: &str = include_str!("page/docs.js");
const STYLE: &str = include_str!("page/docs.css");

/// The operations that describe all operations; `document` is set when the table is complete.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(document: &Arc<OnceLock<Bytes>>) -> Vec<Route<S>> {
    let document = Arc::clone(document);
    vec![
        asset("/openapi.json", "getOpenApi", "application/json", "This description (OpenAPI 3.1)")
            .handled_by(move || async move { described(&document) }),
        asset("/docs", "getDocs", "text/html", "A page that renders this description")
            .handled_by(|| async { html(PAGE) }),
        asset("/docs/docs.js", "getDocsScript", "text/javascript", "The script of the page")
            .handled_by(|| async { typed(HeaderValue::from_static("text/javascript"), SCRIPT) }),
        asset("/docs/docs.css", "getDocsStyle", "text/css", "The stylesheet of our pages")
            .handled_by(|| async { typed(HeaderValue::from_static("text/css"), STYLE) }),
    ]
}

fn asset(path: &'static str, id: &'static str, media_type: &'static str, summary: &'static str) -> Operation {
    Operation::get(path, id).says(summary, "").open().answers_as(StatusCode::OK, media_type, "As asked.")
}

fn described(document: &OnceLock<Bytes>) -> Result<Response, Problem> {
    document.get().map(|text| json(text.clone())).ok_or_else(Problem::not_found)
}
