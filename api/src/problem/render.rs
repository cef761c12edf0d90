//! How a problem becomes an HTTP answer.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::details::Parts;
use super::{Code, FieldFault, Problem};

/// The media type of RFC 9457 §3.
pub(crate) const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The registered type of "a limit was reached" (draft-ietf-httpapi-ratelimit-headers), which
/// clients know without knowing us.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// The members in the order in which people read them.
#[derive(Serialize)]
struct Document<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldFault],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing_scopes: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    required: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    grantable_by: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

impl Problem {
    /// The problem as a JSON value, for answers that hold several (`results[]` of a batch).
    pub fn to_value(&self) -> Value {
        let kind = problem_type(self.0.code);
        serde_json::to_value(document(&self.0, &kind)).unwrap_or(Value::Null)
    }

    /// The text of the answer's body.
    pub(crate) fn text(&self) -> Vec<u8> {
        let kind = problem_type(self.0.code);
        // Strings, numbers and JSON values always serialise.
        serde_json::to_vec(&document(&self.0, &kind)).unwrap_or_default()
    }
}

/// The absolute or relative URI of the problem's type.
fn problem_type(code: Code) -> String {
    if code.status() == StatusCode::TOO_MANY_REQUESTS {
        return QUOTA_EXCEEDED.to_owned();
    }
    format!("/problems/{}", code.text())
}

fn document<'a>(parts: &'a Parts, kind: &'a str) -> Document<'a> {
    Document {
        r#type: kind,
        title: parts.code.title(),
        status: parts.code.status().as_u16(),
        detail: &parts.detail,
        code: parts.code.text(),
        request_id: parts.request_id.as_deref(),
        errors: &parts.errors,
        missing_scopes: &parts.missing_scopes,
        required: &parts.required,
        grantable_by: &parts.grantable_by,
        policy_rule: parts.policy_rule.as_deref(),
        retry_after_s: parts.retry_after_s,
        members: &parts.members,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.text()));
        *response.status_mut() = self.0.code.status();
        set_headers(response.headers_mut(), &self.0);
        // The edge finds it here: to log its cause and to add the request id.
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

fn set_headers(headers: &mut HeaderMap, parts: &Parts) {
    headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
    if let Some(seconds) = parts.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some((name, value)) = challenge(parts) {
        headers.insert(name, value);
    }
    if matches!(parts.code, Code::BodyTooLarge | Code::RequestTimeout) {
        // The rest of the body is not read, so the connection cannot carry another request.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    for (name, value) in &parts.headers {
        headers.append(name, value.clone());
    }
}

/// `WWW-Authenticate` (RFC 9110 §11.6.1, RFC 6750 §3): on each 401 and on `insufficient_scope`.
fn challenge(parts: &Parts) -> Option<(HeaderName, HeaderValue)> {
    let value = if parts.code == Code::InsufficientScope {
        let scopes = parts.required.join(" ");
        HeaderValue::try_from(format!(
            r#"Bearer realm="counterfoil", error="insufficient_scope", scope="{scopes}""#
        ))
        .ok()?
    } else if parts.code == Code::TokenMissing {
        // RFC 6750 §3.1: no error code where no credential was given.
        HeaderValue::from_static(r#"Bearer realm="counterfoil""#)
    } else if parts.code.status() == StatusCode::UNAUTHORIZED {
        HeaderValue::from_static(r#"Bearer realm="counterfoil", error="invalid_token""#)
    } else {
        return None;
    };
    Some((header::WWW_AUTHENTICATE, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty(problem: &Problem) -> String {
        serde_json::to_string_pretty(&problem.to_value()).unwrap()
    }

    fn header_of(problem: Problem, name: HeaderName) -> Option<String> {
        let response = problem.into_response();
        response.headers().get(name).map(|it| it.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_refused_scope_names_what_is_missing_and_who_can_grant_it() {
        let problem = Problem::new(Code::InsufficientScope, "needs tokens:write")
            .required(vec!["tokens:write".into()])
            .missing_scopes(vec!["tokens:write".into()])
            .grantable_by(vec!["owner".into()])
            .request_id("req_1");
        insta::assert_snapshot!(pretty(&problem), @r#"
        {
          "type": "/problems/insufficient_scope",
          "title": "The token may not do this",
          "status": 403,
          "detail": "needs tokens:write",
          "code": "insufficient_scope",
          "request_id": "req_1",
          "missing_scopes": [
            "tokens:write"
          ],
          "required": [
            "tokens:write"
          ],
          "grantable_by": [
            "owner"
          ]
        }
        "#);
        let challenge = header_of(problem, header::WWW_AUTHENTICATE).unwrap();
        insta::assert_snapshot!(challenge, @r#"Bearer realm="counterfoil", error="insufficient_scope", scope="tokens:write""#);
    }

    #[test]
    fn a_limit_has_the_registered_type_and_says_when_to_come_back() {
        let problem = Problem::new(Code::RateLimited, "wait 7 s").retry_after_s(7).with("limit", 60);
        insta::assert_snapshot!(pretty(&problem), @r#"
        {
          "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
          "title": "Too many requests",
          "status": 429,
          "detail": "wait 7 s",
          "code": "rate_limited",
          "retry_after_s": 7,
          "limit": 60
        }
        "#);
        assert_eq!(header_of(problem, header::RETRY_AFTER).unwrap(), "7");
    }

    #[test]
    fn every_429_and_503_says_when_to_come_back_even_if_nobody_set_it() {
        for code in Code::ALL.iter().copied().filter(|code| code.says_when_to_retry()) {
            assert_eq!(header_of(Problem::new(code, "x"), header::RETRY_AFTER).unwrap(), "1");
        }
    }

    #[test]
    fn every_401_carries_a_challenge_and_nothing_else_but_insufficient_scope_does() {
        for code in Code::ALL.iter().copied() {
            let challenged = header_of(Problem::new(code, "x"), header::WWW_AUTHENTICATE).is_some();
            let expected = code.status() == StatusCode::UNAUTHORIZED || code == Code::InsufficientScope;
            assert_eq!(challenged, expected, "{}", code.text());
        }
    }

    #[test]
    fn scopes_that_are_no_header_text_cost_the_challenge_and_not_the_answer() {
        let problem = Problem::new(Code::InsufficientScope, "x").required(vec!["a\nb".into()]);
        assert_eq!(problem.into_response().status(), StatusCode::FORBIDDEN);
    }

    #[test]
    fn a_body_that_was_not_read_to_its_end_ends_the_connection() {
        for code in [Code::BodyTooLarge, Code::RequestTimeout] {
            assert_eq!(header_of(Problem::new(code, "x"), header::CONNECTION).unwrap(), "close");
        }
        assert_eq!(header_of(Problem::new(Code::TooDeep, "x"), header::CONNECTION), None);
    }
}
