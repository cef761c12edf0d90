//! The table of codes, the enum, the pages and the OpenAPI document say the same.

use std::collections::BTreeSet;

use axum::http::{HeaderValue, header};

use super::*;
use crate::probe::{Answer, ask, request};
use crate::routes::Table;

/// The codes as the interface's reference lists them: a status, then its codes.
const TABLE: &str = include_str!("../codes.txt");

fn listed() -> BTreeSet<(u16, &'static str)> {
    let mut listed = BTreeSet::new();
    for line in TABLE.lines() {
        let (status, codes) = line.split_once(' ').unwrap();
        for code in codes.split(' ') {
            assert!(listed.insert((status.parse().unwrap(), code)), "{code} is listed twice");
        }
    }
    listed
}

async fn get(path: &str, accept: &'static str) -> Answer {
    let mut asked = request(&format!("GET {path}"));
    asked.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
    ask(Table::new(), (), asked).await
}

#[test]
fn the_enum_is_the_table() {
    let all = Code::ALL.iter().map(|code| (code.status().as_u16(), code.text()));
    assert_eq!(all.collect::<BTreeSet<_>>(), listed());
}

#[test]
fn the_document_lists_every_code_and_no_other() {
    let document = Table::<()>::new().document().unwrap();
    let codes = &document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    let codes: BTreeSet<&str> = codes.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(codes, listed().into_iter().map(|(_, code)| code).collect());
}

#[tokio::test]
async fn every_code_has_a_page_with_meaning_example_and_remedy() {
    for (status, code) in listed() {
        let path = format!("/problems/{code}");
        let page = get(&path, "application/json").await.json();
        assert_eq!((&page["code"], &page["status"]), (&code.into(), &status.into()));
        for part in ["title", "meaning", "example", "remedy", "since"] {
            assert!(!page[part].as_str().unwrap().is_empty(), "{code} has no {part}");
        }
        let html = get(&path, "text/html").await;
        assert_eq!(html.header("content-type"), "text/html; charset=utf-8");
        assert!(html.text.contains(code), "{}", html.text);
        assert!(html.header("content-security-policy").starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn the_index_names_every_code() {
    let html = get("/problems", "*/*").await;
    let index = get("/problems", "application/json").await.json();
    assert_eq!(index["data"].as_array().unwrap().len(), listed().len());
    for (_, code) in listed() {
        assert!(html.text.contains(&format!("/problems/{code}\"")), "{code}");
    }
}

#[tokio::test]
async fn pages_load_nothing_foreign_and_run_nothing() {
    for path in ["/problems", "/problems/not_found"] {
        let html = get(path, "text/html").await.text;
        assert!(!html.contains("http") && !html.contains("<script"), "{html}");
    }
}

#[tokio::test]
async fn an_unknown_code_has_no_page() {
    assert_eq!(get("/problems/nonsense", "*/*").await.status, 404);
    assert_eq!(get("/problems/not_found", "image/png").await.status, 406);
}

#[test]
fn what_stands_between_backticks_is_code_and_escaped() {
    assert_eq!(with_code("a `<b>` & c"), "a <code>&lt;b&gt;</code> &amp; c");
}
