//! What a body's reader accepts, and what it says to the rest.

use axum::http::{HeaderValue, header};
use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::body::{NotYet, Text, TextFormat, TextKind};

struct Scope;

impl TextKind for Scope {
    const FORMAT: &'static str = "scope";
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Issue {
    #[schemars(length(min = 1, max = 8))]
    name: String,
    scopes: Vec<Text<Scope>>,
    #[schemars(extend("format" = "duration"))]
    expires_in: Option<String>,
    uses: Option<u16>,
    holder: Option<Holder>,
    #[serde(default)]
    deliver: Deliver,
    selector: Option<Selector>,
    #[serde(default)]
    team: NotYet,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Holder {
    kind: HolderKind,
    id: String,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HolderKind {
    /// A person.
    Member,
    /// A machine.
    ServiceAccount,
}

#[derive(Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("x-not-supported-yet" = ["holder"]))]
enum Deliver {
    #[default]
    Caller,
    Holder,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
enum Selector {
    Team { slug: String },
    Tag { tag: String },
}

fn formats() -> Formats {
    Formats::new([
        TextFormat {
            name: "scope",
            code: FieldCode::ScopeUnknown,
            check: |text| text.contains(':').then_some(()).ok_or_else(|| "write resource:action".into()),
        },
        TextFormat {
            name: "duration",
            code: FieldCode::DurationInvalid,
            check: |text| text.ends_with('d').then_some(()).ok_or_else(|| "write it as 90d".into()),
        },
    ])
}

fn json() -> HeaderMap {
    let value = HeaderValue::from_static("application/json");
    HeaderMap::from_iter([(header::CONTENT_TYPE, value)])
}

fn read(text: &str) -> Result<Issue, Problem> {
    let reader = BodyReader::<Issue>::new(&formats()).unwrap();
    reader.understand(text.as_bytes())
}

fn refusal(text: &str) -> String {
    let problem = read(text).unwrap_err().to_value();
    let mut lines = vec![format!("{} {}", problem["status"], problem["code"].as_str().unwrap())];
    for fault in problem["errors"].as_array().into_iter().flatten() {
        let part = |name: &str| fault[name].as_str().unwrap();
        lines.push(format!("{} {}: {}", part("pointer"), part("code"), part("detail")));
    }
    lines.join("\n")
}

#[test]
fn a_body_without_fault_is_read() {
    let text = r#"{"name":"ci","scopes":["a:b"],"expires_in":"90d","uses":3,
        "holder":{"kind":"member","id":"mem_1"},"selector":{"by":"tag","tag":"x"},"team":null}"#;
    let issue = read(text).unwrap();
    assert_eq!((issue.name.as_str(), issue.scopes[0].as_str(), issue.uses), ("ci", "a:b", Some(3)));
    assert_eq!((issue.expires_in.as_deref(), issue.deliver), (Some("90d"), Deliver::Caller));
    assert_eq!(issue.team, NotYet);
    assert_eq!(issue.holder.unwrap().kind, HolderKind::Member);
    assert_eq!(issue.selector.unwrap(), Selector::Tag { tag: "x".into() });
}

#[test]
fn every_fault_is_named_at_once_with_its_remedy() {
    let text = r#"{"nmae":"ci","scopes":["a:b","ab",7],"expires_in":"soon","uses":70000,"uses":1,
        "holder":{"kind":"person","ID":"x"}}"#;
    insta::assert_snapshot!(refusal(text), @r#"
    422 validation_failed
    /uses duplicate_key: give each name once; which of the two is meant cannot be known
    /name required: add the field `name`
    /scopes/1 scope_unknown: write resource:action
    /scopes/2 wrong_type: must be of type string
    /expires_in duration_invalid: write it as 90d
    /holder/id required: add the field `id`
    /holder/kind out_of_range: must be one of "member", "service_account"
    /holder/ID unknown_field: there is no such field; did you mean `id`?
    /nmae unknown_field: there is no such field; did you mean `name`?
    "#);
}

#[test]
fn lengths_and_types_say_what_would_do() {
    insta::assert_snapshot!(refusal(r#"{"name":"","scopes":"a:b","uses":-1,"holder":7}"#), @r"
    422 validation_failed
    /name out_of_range: use at least 1 characters
    /scopes wrong_type: must be of type array
    /uses out_of_range: must be at least 0
    /holder wrong_type: must be of type object
    ");
    insta::assert_snapshot!(refusal(r#"{"name":"ninechars","scopes":[null],"uses":1.0}"#), @r"
    422 validation_failed
    /uses wrong_type: use a whole number, without fraction or exponent
    /name too_long: use at most 8 characters
    /scopes/0 wrong_type: must be of type string
    ");
    insta::assert_snapshot!(refusal("[]"), @r"
    422 validation_failed
     wrong_type: must be of type object
    ");
}

#[test]
fn a_tagged_choice_is_judged_by_its_tag() {
    insta::assert_snapshot!(refusal(r#"{"name":"a","scopes":[],"selector":{"by":"moon"}}"#), @r#"
    422 validation_failed
    /selector/by out_of_range: must be one of "team", "tag"
    "#);
    insta::assert_snapshot!(refusal(r#"{"name":"a","scopes":[],"selector":{"by":"team","slog":1}}"#), @r"
    422 validation_failed
    /selector/slug required: add the field `slug`
    /selector/slog unknown_field: there is no such field; did you mean `slug`?
    ");
    insta::assert_snapshot!(refusal(r#"{"name":"a","scopes":[],"selector":[]}"#), @r"
    422 validation_failed
    /selector wrong_type: must be of type object
    ");
}

#[test]
fn what_comes_later_is_refused_by_its_own_code_when_nothing_else_is_wrong() {
    insta::assert_snapshot!(refusal(r#"{"name":"a","scopes":[],"team":"x","deliver":"holder"}"#), @r"
    422 not_supported_yet
    /team not_supported_yet: this version does not carry it out yet; leave it out
    /deliver not_supported_yet: this version does not carry it out yet; leave it out
    ");
    insta::assert_snapshot!(refusal(r#"{"name":7,"scopes":[],"team":"x"}"#), @r"
    422 validation_failed
    /name wrong_type: must be of type string
    /team not_supported_yet: this version does not carry it out yet; leave it out
    ");
}

#[test]
fn what_is_not_json_names_line_and_column() {
    let problem = read("{\"name\":\n tru}").unwrap_err();
    insta::assert_snapshot!(serde_json::to_string_pretty(&problem.to_value()).unwrap(), @r#"
    {
      "type": "/problems/malformed_json",
      "title": "The body is not JSON",
      "status": 400,
      "detail": "expected ident at line 2, column 5",
      "code": "malformed_json",
      "line": 2,
      "column": 5
    }
    "#);
}

#[tokio::test]
async fn size_depth_and_media_type_have_codes_of_their_own() {
    let reader = BodyReader::<Issue>::new(&formats()).unwrap();
    let received = async |headers: HeaderMap, body: String| {
        let body = reader.receive(&headers, body.into()).await?;
        reader.understand(&body)
    };
    let code = async |headers, body| received(headers, body).await.unwrap_err().code();
    assert_eq!(code(json(), " ".repeat(COMMAND_BYTES + 1)).await, Code::BodyTooLarge);
    assert_eq!(code(json(), "[".repeat(40)).await, Code::TooDeep);
    assert_eq!(code(HeaderMap::new(), "{}".into()).await, Code::UnsupportedMediaType);
}

#[test]
fn long_texts_are_read_where_that_is_said() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Note {
        note: String,
    }
    let reader = || BodyReader::<Note>::new(&Formats::default()).unwrap();
    let text = serde_json::json!({ "note": "x".repeat(5_000) }).to_string();
    assert_eq!(reader().understand(text.as_bytes()).unwrap_err().faults()[0].code, FieldCode::TooLong);
    assert_eq!(reader().with_long_texts().understand(text.as_bytes()).unwrap().note.len(), 5_000);
}

#[tokio::test]
async fn no_body_counts_as_an_empty_object_only_where_that_is_said() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Note {
        note: Option<String>,
    }
    let reader = BodyReader::<Note>::new(&Formats::default()).unwrap();
    assert!(reader.understand(b"").is_err());
    let reader = reader.or_none();
    let nothing = reader.receive(&HeaderMap::new(), Body::empty()).await.unwrap();
    assert_eq!(reader.understand(&nothing).unwrap().note, None);
    let untyped = reader.receive(&HeaderMap::new(), Body::from("{}")).await.unwrap_err();
    assert_eq!(untyped.code(), Code::UnsupportedMediaType);
}

#[test]
fn a_secret_that_was_sent_is_never_repeated() {
    let secret = "c9d_pat_secret";
    let text = format!(
        r#"{{"name":"{secret}","scopes":["{secret}"],"deliver":"{secret}","uses":"{secret}",
        "holder":{{"kind":"{secret}","id":["{secret}"]}},"expires_in":"{secret}","team":"{secret}"}}"#
    );
    let problem = read(&text).unwrap_err().to_value().to_string();
    assert!(!problem.contains(secret), "{problem}");
}

#[test]
fn a_type_that_lets_unknown_fields_pass_is_no_body() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Open {
        #[expect(dead_code, reason = "only its schema is looked at")]
        name: String,
    }
    let error = BodyReader::<Open>::new(&Formats::default()).unwrap_err();
    assert!(matches!(error, SchemaError::Open { .. }));
}

#[test]
fn a_format_that_nobody_checks_is_no_format() {
    let error = BodyReader::<Issue>::new(&Formats::default()).unwrap_err();
    assert!(matches!(error, SchemaError::UnknownFormat { .. }));
}
