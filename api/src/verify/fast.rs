//! The short way for questions without fault: read in one pass and borrowed where they lie.
//!
//! It accepts nothing that [`QuestionBody`](super::question::QuestionBody) refuses: whatever it does not understand
//! at once, such as a field that is given twice, goes the long way, which knows how to say what is wrong.

use std::borrow::Cow;
use std::net::IpAddr;

use domain::endpoint::is_method;
use domain::permission::PermissionName;
use projections::gate::{AskedEndpoint, Asker, Question};
use serde::Deserialize;

/// A question without fault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FastQuestion<'b> {
    #[serde(borrow)]
    token: Cow<'b, str>,
    #[serde(default, borrow)]
    permissions: Vec<Cow<'b, str>>,
    #[serde(default, borrow)]
    endpoint: Option<FastEndpoint<'b>>,
    #[serde(default)]
    #[expect(dead_code, reason = "checked, and kept with the decision once decisions are recorded")]
    ip: Option<IpAddr>,
    #[serde(default, borrow)]
    user_agent: Option<Cow<'b, str>>,
    #[serde(default, borrow)]
    client_request_id: Option<Cow<'b, str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FastEndpoint<'b> {
    #[serde(borrow)]
    method: Cow<'b, str>,
    #[serde(borrow)]
    path: Cow<'b, str>,
}

/// A fast question with its permissions as names.
pub(super) struct Ready<'b> {
    question: FastQuestion<'b>,
    permissions: Vec<PermissionName>,
}

impl<'b> Ready<'b> {
    /// Reads a body; nothing where it has to go the long way.
    pub(super) fn read(body: &'b [u8]) -> Option<Self> {
        let question: FastQuestion<'b> = serde_json::from_slice(body).ok()?;
        let short =
            |text: &Option<Cow<'_, str>>, most: usize| text.as_ref().is_none_or(|it| it.len() <= most);
        let endpoint = question.endpoint.as_ref();
        let plain = question.token.len() <= 256
            && question.permissions.len() <= 100
            && short(&question.user_agent, 1024)
            && short(&question.client_request_id, 100)
            && endpoint.is_none_or(|it| is_method(&it.method) && it.path.len() <= 4096);
        if !plain {
            return None;
        }
        let permissions = question.permissions.iter().map(|it| it.parse().ok()).collect::<Option<_>>()?;
        Some(Self { question, permissions })
    }

    /// The question.
    pub(super) fn ask(&self, asker: Asker) -> Question<'_> {
        let endpoint = self.question.endpoint.as_ref();
        let endpoint = endpoint.map(|it| AskedEndpoint { method: &it.method, path: &it.path });
        Question { token: &self.question.token, asker, permissions: &self.permissions, endpoint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::formats;
    use crate::routes::Kit;
    use crate::verify::question::QuestionBody;
    use axum::http::{HeaderMap, HeaderValue, header};

    const BODIES: &[&str] = &[
        r#"{"token":"t"}"#,
        r#"{"token":"t","permissions":["a:b"],"endpoint":{"method":"GET","path":"/x"},"ip":"::1"}"#,
        r#"{"token":"t","user_agent":"é","client_request_id":"7"}"#,
        r#"{"token":"t\u0041"}"#,
        r#"{"token":"t","token":"u"}"#,
        r#"{"token":"t","permissions":["a:b"],"permissions":[]}"#,
        r#"{"token":7}"#,
        r"{}",
        r"[]",
        r"",
        r#"{"token":"t","cost":2}"#,
        r#"{"token":"t","peek":null}"#,
        r#"{"token":"t","unheard":1}"#,
        r#"{"token":"t","ip":"300.1.1.1"}"#,
        r#"{"token":"t","ip":null}"#,
        r#"{"token":"t","permissions":["A"]}"#,
        r#"{"token":"t","permissions":"a:b"}"#,
        r#"{"token":"t","endpoint":{"method":"get","path":"/x"}}"#,
        r#"{"token":"t","endpoint":{"method":"GET"}}"#,
        r#"{"token":"t","endpoint":{"method":"GET","path":"/x","more":1}}"#,
        r#"{"token":"t"} x"#,
    ];

    #[test]
    fn the_short_way_accepts_nothing_that_the_long_way_refuses() {
        let reader = Kit::new(formats()).body::<QuestionBody>().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut accepted = 0;
        for body in BODIES {
            if Ready::read(body.as_bytes()).is_some() {
                accepted += 1;
                assert!(reader.read(&headers, body.as_bytes()).is_ok(), "{body}");
            }
        }
        assert!(4 <= accepted, "ordinary questions go the short way");
    }
}
