//! The short way for questions without fault: read in one pass and borrowed where they lie.
//!
//! It accepts nothing that [`QuestionBody`](super::question::QuestionBody) refuses: whatever it does not understand
//! at once, such as a field that is given twice, goes the long way, which knows how to say what is wrong.

use std::borrow::Cow;
use std::net::IpAddr;

use domain::permission::PermissionName;
use projections::gate::{Asker, Question};
use schemas::usage::Endpoint;
use serde::Deserialize;

use super::{Told, asked};

/// Most permissions of one question.
const MOST_PERMISSIONS: usize = 100;

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
        if MOST_PERMISSIONS < question.permissions.len() {
            return None;
        }
        let permissions = question.permissions.iter().map(|it| it.parse().ok()).collect::<Option<_>>()?;
        Some(Self { question, permissions })
    }

    /// The question.
    pub(super) fn ask(&self, asker: Asker) -> Told<'_> {
        let Self { question, permissions } = self;
        let endpoint = question.endpoint.as_ref();
        let endpoint = endpoint.map(|it| Endpoint { method: &it.method, path: &it.path });
        Told {
            question: Question { token: &question.token, asker, permissions, endpoint: endpoint.map(asked) },
            endpoint,
            ip: question.ip,
            user_agent: question.user_agent.as_deref(),
            client_request_id: question.client_request_id.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::BodyReader;
    use crate::formats::formats;
    use crate::problem::Code;
    use crate::routes::Kit;
    use crate::verify::question::QuestionBody;
    use proptest::prelude::*;
    use serde_json::Value;

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

    fn reader() -> BodyReader<QuestionBody> {
        Kit::new(formats()).body::<QuestionBody>().unwrap().with_long_texts()
    }

    /// The question that a body asks either way; nothing where the short way leaves it to the long one.
    fn both_ways(reader: &BodyReader<QuestionBody>, body: &str) -> Option<[String; 2]> {
        let ready = Ready::read(body.as_bytes())?;
        let question = reader.understand(body.as_bytes()).map_err(|it| it.to_value());
        let question = question.unwrap_or_else(|it| panic!("only the short way takes {body}: {it}"));
        let permissions = question.permissions().unwrap();
        let long = question.ask(Asker::Platform, &permissions);
        Some([ready.ask(Asker::Platform), long].map(|it| told(&it)))
    }

    fn told(told: &Told<'_>) -> String {
        let Told { question, endpoint, ip, user_agent, client_request_id } = told;
        let (token, permissions) = (question.token, question.permissions);
        let asked = question.endpoint;
        format!("{token} {permissions:?} {asked:?} {endpoint:?} {ip:?} {user_agent:?} {client_request_id:?}")
    }

    #[test]
    fn the_short_way_accepts_nothing_that_the_long_way_refuses() {
        let reader = reader();
        let accepted = BODIES.iter().filter_map(|body| both_ways(&reader, body));
        let accepted: Vec<_> = accepted.collect();
        assert!(accepted.iter().all(|[short, long]| short == long));
        assert!(4 <= accepted.len(), "ordinary questions go the short way");
    }

    #[test]
    fn whatever_an_end_client_sends_is_a_question() {
        let long = "x".repeat(40_000);
        let body = serde_json::json!({
            "token": long, "user_agent": "é\u{0}".repeat(2_000), "client_request_id": long,
            "endpoint": {"method": "g e t\n", "path": long},
        });
        let [short, long] = both_ways(&reader(), &body.to_string()).unwrap();
        assert_eq!(short, long);
        let odd = Ready::read(br#"{"token":"t","endpoint":{"method":"get","path":"/x"}}"#).unwrap();
        let odd = odd.ask(Asker::Platform);
        assert_eq!(odd.question.endpoint.unwrap().path, "", "no pattern opens it");
        assert_eq!(odd.endpoint.unwrap().path, "/x", "and it is recorded as it was");
    }

    #[test]
    fn what_asks_for_nothing_is_no_fault_and_what_comes_later_is_said_so() {
        let body = r#"{"token":"t","cost":1,"peek":false,"explain":false,"limits":[],"as_of":null}"#;
        assert!(reader().understand(body.as_bytes()).is_ok());
        for (body, pointer) in [
            (r#"{"token":"t","cost":2}"#, "/cost"),
            (r#"{"token":"t","peek":true}"#, "/peek"),
            (r#"{"token":"t","permissions":"a:b and c:d"}"#, "/permissions"),
        ] {
            let problem = reader().understand(body.as_bytes()).err().unwrap();
            assert_eq!(
                (problem.code(), problem.faults()[0].pointer.as_str()),
                (Code::NotSupportedYet, pointer)
            );
        }
    }

    fn a_text() -> impl Strategy<Value = Value> {
        prop_oneof![".{0,12}".prop_map(Value::from), Just(Value::Null), any::<u8>().prop_map(Value::from)]
    }

    fn a_member() -> impl Strategy<Value = (String, Value)> {
        let permission = prop_oneof![4 => "[a-c]{1,3}:[a-c]{1,3}".prop_map(Value::from), 1 => a_text()];
        let permissions = proptest::collection::vec(permission, 0..4).prop_map(Value::from);
        let endpoint =
            ("(GET|POST|get|G T)", "/[a-c./%]{0,6}", any::<bool>()).prop_map(|(method, path, more)| {
                let mut endpoint = serde_json::json!({"method": method, "path": path});
                if more {
                    endpoint["more"] = Value::from(1);
                }
                endpoint
            });
        let named = |name: &str| Just(name.to_owned());
        prop_oneof![
            3 => (named("token"), a_text()),
            2 => (named("permissions"), prop_oneof![3 => permissions, 1 => a_text()]),
            2 => (named("endpoint"), prop_oneof![3 => endpoint, 1 => a_text()]),
            1 => (named("ip"), prop_oneof![Just(Value::from("::1")), Just(Value::from("1.2.3.4")), a_text()]),
            1 => (named("user_agent"), a_text()),
            1 => (named("client_request_id"), a_text()),
            1 => (named("peek"), any::<bool>().prop_map(Value::from)),
            1 => (named("unheard"), a_text()),
        ]
    }

    proptest! {
        #[test]
        fn both_ways_ask_the_same(
            token in ".{0,20}",
            members in proptest::collection::vec(a_member(), 0..5),
        ) {
            // Written by hand, so that names may come twice.
            let mut parts = vec![format!("\"token\":{}", Value::from(token))];
            parts.extend(members.iter().map(|(name, value)| format!("\"{name}\":{value}")));
            let body = format!("{{{}}}", parts.join(","));
            if let Some([short, long]) = both_ways(&reader(), &body) {
                prop_assert_eq!(short, long);
            }
        }
    }
}
