//! Answers to what no operation takes.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::problem::{Code, Problem};

/// What to say about methods that a path does not have.
#[derive(Clone, Debug)]
pub(super) struct OtherMethods {
    allow: HeaderValue,
    hints: BTreeMap<String, &'static str>,
}

impl OtherMethods {
    /// For a path that has these methods, with a hint for some of those it lacks.
    pub(super) fn new(methods: &[Method], hints: BTreeMap<String, &'static str>) -> Self {
        let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
        if methods.contains(&Method::GET) {
            names.push(Method::HEAD.as_str());
        }
        names.push(Method::OPTIONS.as_str());
        // Method names are header text.
        let allow =
            HeaderValue::try_from(names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"));
        Self { allow, hints }
    }

    /// `OPTIONS` gets the list; another method gets the list and a refusal.
    pub(super) fn answer(&self, method: &Method) -> Response {
        if method == Method::OPTIONS {
            let mut response = StatusCode::NO_CONTENT.into_response();
            response.headers_mut().insert(header::ALLOW, self.allow.clone());
            *response.body_mut() = Body::empty();
            return response;
        }
        let detail = match self.hints.get(method.as_str()) {
            Some(hint) => (*hint).to_owned(),
            None => format!("use one of {}", self.allow.to_str().unwrap_or_default()),
        };
        Problem::new(Code::MethodNotAllowed, detail).header(header::ALLOW, self.allow.clone()).into_response()
    }
}

/// Any path that is not in the table.
pub(super) async fn no_such_route() -> Problem {
    Problem::new(Code::NotFound, "there is no such route; `/openapi.json` lists them all")
}
