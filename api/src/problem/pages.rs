//! What each code means, for people and for programs: `/problems` and `/problems/{code}`.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Code, Problem};
use crate::edge::accept::{Representation, preferred};
use crate::edge::headers::{html, json};
use crate::routes::{Operation, Route, Segment};

/// What a problem code means.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CodePage {
    /// The code.
    code: &'static str,
    /// The HTTP status it is answered with.
    status: u16,
    /// A short sentence, the same for each occurrence.
    title: &'static str,
    /// When it is answered.
    meaning: &'static str,
    /// What leads to it.
    example: &'static str,
    /// What to do about it.
    remedy: &'static str,
    /// The first version that answers it.
    since: &'static str,
}

/// Every code that this service answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CodeIndex {
    /// In order of status.
    data: Vec<CodePage>,
}

#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "describes the path's parameter")]
struct PagePath {
    /// A problem's code, as in its `type`.
    code: String,
}

impl From<Code> for CodePage {
    fn from(code: Code) -> Self {
        let explanation = code.explanation();
        Self {
            code: code.text(),
            status: code.status().as_u16(),
            title: code.title(),
            meaning: explanation.meaning,
            example: explanation.example,
            remedy: explanation.remedy,
            since: code.since(),
        }
    }
}

/// The operations that serve the pages.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Vec<Route<S>> {
    let index = Operation::get("/problems", "listProblems")
        .says("Every problem code", "A page for people, or JSON by `Accept`.")
        .open()
        .answers::<CodeIndex>(StatusCode::OK, "All codes.")
        .answers_as(StatusCode::OK, "text/html", "All codes.")
        .may_answer(&[Code::NotAcceptable])
        .handled_by(index);
    let page = Operation::get("/problems/{code}", "getProblem")
        .says("What a problem code means", "A page for people, or JSON by `Accept`.")
        .open()
        .path::<PagePath>()
        .answers::<CodePage>(StatusCode::OK, "The code's meaning, example and remedy.")
        .answers_as(StatusCode::OK, "text/html", "The code's meaning, example and remedy.")
        .may_answer(&[Code::NotAcceptable])
        .handled_by(page);
    vec![index, page]
}

async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    let data: Vec<CodePage> = Code::ALL.iter().copied().map(CodePage::from).collect();
    Ok(match preferred(&headers)? {
        Representation::Html => html(index_html(&data)),
        Representation::Json => rendered(&CodeIndex { data })?,
    })
}

async fn page(Segment(code): Segment<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let page = Code::parse(&code).map(CodePage::from).ok_or_else(Problem::not_found)?;
    Ok(match preferred(&headers)? {
        Representation::Html => html(page_html(&page)),
        Representation::Json => rendered(&page)?,
    })
}

fn rendered(page: &impl Serialize) -> Result<Response, Problem> {
    serde_json::to_vec(page).map(json).map_err(Problem::internal)
}

fn index_html(pages: &[CodePage]) -> String {
    let row = |it: &CodePage| {
        let (status, code, title) = (it.status, it.code, escaped(it.title));
        format!(r#"<tr><td>{status}<td><a href="/problems/{code}"><code>{code}</code></a><td>{title}"#)
    };
    let rows: Vec<String> = pages.iter().map(row).collect();
    let table = format!("<table><tr><th>status<th>code<th>title{}</table>", rows.concat());
    framed("Problem codes", &table)
}

fn page_html(page: &CodePage) -> String {
    let body = format!(
        "<p><code>{} {}</code><dl><dt>Meaning<dd>{}<dt>Example<dd>{}<dt>Remedy<dd>{}<dt>Since<dd>{}</dl>\
         <p><a href=\"/problems\">All problem codes</a>",
        page.status,
        page.code,
        with_code(page.meaning),
        with_code(page.example),
        with_code(page.remedy),
        page.since,
    );
    framed(page.title, &body)
}

fn framed(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Counterfoil</title><link rel=\"stylesheet\" href=\"/docs/docs.css\">\
         <h1>{title}</h1>{body}</html>"
    )
}

/// What stands between backticks is shown as code.
fn with_code(text: &str) -> String {
    let pieces = text.split('`').enumerate().map(|(index, piece)| {
        let piece = escaped(piece);
        if index % 2 == 0 { piece } else { format!("<code>{piece}</code>") }
    });
    pieces.collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
