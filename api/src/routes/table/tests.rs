//! The table as a whole: what it serves, what it describes, and that these are the same; held
//! on a small interface with everything an operation can have.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::*;
use crate::body::{Formats, NotYet};
use crate::edge::headers::json;
use crate::probe::{Answer, ask, request};
use crate::problem::Problem;
use crate::query::{DryRun, Paging};
use crate::routes::{Kit, Operation, Segment};

/// What a thing may be changed to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// The new name.
    name: String,
    /// Who holds it.
    holder: Option<Holder>,
    /// The team, later.
    #[serde(default)]
    team: NotYet,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Holder {
    id: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Thing {
    name: String,
    holder: Option<Holder>,
}

#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "describes the path's parameter")]
struct ThingPath {
    /// The thing's id.
    id: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct List {
    #[serde(flatten)]
    paging: Paging,
    /// Only those with this name.
    name: Option<String>,
}

#[derive(Clone)]
struct App {
    suffix: &'static str,
}

const APP: App = App { suffix: "!" };

fn table() -> Table<App> {
    let kit = Kit::new(Formats::default());
    let body = Arc::new(kit.body::<Rename>().unwrap());
    let dry = kit.query::<DryRun>("renameThing").unwrap();
    let list = kit.query::<List>("listThings").unwrap();
    let rename = Operation::patch("/v1/things/{id}", "renameThing")
        .says("Rename a thing", "Its id stays.")
        .tag("things")
        .requires("things:write")
        .path::<ThingPath>()
        .query(&dry)
        .body(&body)
        .answers::<Thing>(StatusCode::OK, "The thing.")
        .idempotent()
        .conditional()
        .handled_by(
            move |State(app): State<App>, Segment(id): Segment<String>, request: Request| async move {
                let dry = dry.read(request.uri().query())?.query.dry_run;
                let Rename { name, holder, team: NotYet } = body.receive(request).await?;
                let thing = Thing { name: format!("{id} {name}{} {dry}", app.suffix), holder };
                Ok::<_, Problem>(json(serde_json::to_vec(&thing).unwrap()))
            },
        );
    let list = Operation::get("/v1/things", "listThings")
        .says("List things", "")
        .tag("things")
        .requires("things:read")
        .query(&list)
        .answers::<crate::query::Page<Thing>>(StatusCode::OK, "A page.")
        .header::<String>("X-Extra", "Whatever.")
        .handled_by(move |request: Request| async move {
            let asked = list.read(request.uri().query())?;
            let List { paging, name } = asked.query;
            Ok::<_, Problem>(format!("{} {:?} {:?}", paging.limit, paging.cursor, name))
        });
    Table::new().with([rename, list]).hint(&Method::DELETE, "/v1/things/{id}", "rename it instead")
}

async fn get(words: &str) -> Answer {
    ask(table(), APP, request(words)).await
}

async fn patch(path: &str, body: &str) -> Answer {
    let mut asked = request(&format!("PATCH {path}"));
    *asked.body_mut() = Body::from(body.to_owned());
    let media_type = HeaderValue::from_static("application/json");
    asked.headers_mut().insert(header::CONTENT_TYPE, media_type);
    ask(table(), APP, asked).await
}

#[tokio::test]
async fn a_request_reaches_its_handler_with_all_its_parts() {
    let answer = patch("/v1/things/t%201?dry_run=true", r#"{"name":"n"}"#).await;
    assert_eq!((answer.status.as_u16(), answer.json()["name"].clone()), (200, "t 1 n! true".into()));
    assert_eq!(get("GET /v1/things?limit=3").await.text, "3 None None");
}

#[tokio::test]
async fn the_edge_and_the_readers_refuse_in_one_form() {
    let answer = patch("/v1/things/t1", r#"{"nmae":1,"team":"x"}"#).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap(), @r#"
    {
      "type": "/problems/validation_failed",
      "title": "Fields are not as they must be",
      "status": 422,
      "detail": "3 faults; `errors` lists them all",
      "code": "validation_failed",
      "request_id": "req_test",
      "errors": [
        {
          "pointer": "/team",
          "code": "not_supported_yet",
          "detail": "this version does not carry it out yet; leave it out"
        },
        {
          "pointer": "/nmae",
          "code": "unknown_field",
          "detail": "there is no such field; did you mean `name`?"
        },
        {
          "pointer": "/name",
          "code": "required",
          "detail": "add the field `name`"
        }
      ]
    }
    "#);
    let answer = get("GET /v1/things?limt=3").await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap(), @r#"
    {
      "type": "/problems/unknown_parameter",
      "title": "Unknown query parameter",
      "status": 400,
      "detail": "limt: there is no such parameter; did you mean `limit`?",
      "code": "unknown_parameter",
      "request_id": "req_test",
      "errors": [
        {
          "pointer": "/limt",
          "code": "unknown_field",
          "detail": "there is no such parameter; did you mean `limit`?"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let answer = get("GET /v1/nothing").await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap(), @r#"
    {
      "type": "/problems/not_found",
      "title": "Nothing here",
      "status": 404,
      "detail": "there is no such route; `/openapi.json` lists them all",
      "code": "not_found",
      "request_id": "req_test"
    }
    "#);
    for path in ["/v1/things/", "/v1/things/a/b", "//livez", "/v1/things/%ff"] {
        assert_eq!(get(&format!("PATCH {path}")).await.json()["code"], "not_found", "{path}");
    }
}

#[tokio::test]
async fn an_unknown_method_is_told_which_there_are() {
    let answer = get("POST /v1/things").await;
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap(), @r#"
    {
      "type": "/problems/method_not_allowed",
      "title": "Not with this method",
      "status": 405,
      "detail": "use one of GET, HEAD, OPTIONS",
      "code": "method_not_allowed",
      "request_id": "req_test"
    }
    "#);
    let answer = get("DELETE /v1/things/t1").await;
    assert_eq!(answer.json()["detail"], "rename it instead");
    assert_eq!(answer.header("allow"), "PATCH, OPTIONS");
}

#[tokio::test]
async fn options_and_head_are_answered_without_a_body() {
    let options = get("OPTIONS /v1/things").await;
    assert_eq!((options.status.as_u16(), options.header("allow")), (204, "GET, HEAD, OPTIONS"));
    let head = get("HEAD /livez").await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(get("GET /livez").await.text, r#"{"status":"live"}"#);
}

#[tokio::test]
async fn the_document_that_is_served_is_the_one_that_is_made() {
    let served = get("GET /openapi.json").await;
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.json(), table().document().unwrap());
}

#[tokio::test]
async fn what_the_document_describes_is_answered_and_nothing_else_is_described() {
    let document = table().document().unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "t1").replace("{code}", "not_found");
        for method in item.as_object().unwrap().keys() {
            let answer = get(&format!("{} {path}", method.to_uppercase())).await;
            assert!(![404, 405].contains(&answer.status.as_u16()), "{method} {path}");
        }
        let allow = get(&format!("OPTIONS {path}")).await.header("allow").to_lowercase();
        let described = item.as_object().unwrap().keys();
        let missing = described.filter(|it| !allow.split(", ").any(|allowed| allowed == it.as_str()));
        assert_eq!(missing.count(), 0, "{path}: {allow}");
    }
}

#[test]
fn every_reference_resolves_and_every_operation_is_whole() {
    let document = table().document().unwrap();
    references(&document, &mut |reference| {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    });
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
            whole(operation, id);
        }
    }
}

/// Every body and every answer with content has a schema, and every operation can succeed.
fn whole(operation: &Value, id: &str) {
    let responses = operation["responses"].as_object().unwrap();
    assert!(responses.keys().any(|status| status.starts_with('2')), "{id} cannot succeed");
    let body = operation.get("requestBody");
    for holder in responses.values().chain(body) {
        for (media, content) in holder["content"].as_object().into_iter().flatten() {
            assert!(content["schema"].is_object(), "{id} {media}");
        }
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        assert!(parameter.get("$ref").is_some() || parameter["schema"].is_object(), "{id}");
    }
}

fn references(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                each(reference);
            }
            members.values().for_each(|inner| references(inner, each));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn one_operation_is_described_with_all_its_parts() {
    let document = table().document().unwrap();
    let operation = &document["paths"]["/v1/things/{id}"]["patch"];
    let names = operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.get("$ref").unwrap_or(&it["name"]).as_str().unwrap());
    insta::assert_snapshot!(names.collect::<Vec<_>>().join("\n"), @r"
    id
    dry_run
    #/components/parameters/Organization
    #/components/parameters/Position
    #/components/parameters/IdempotencyKey
    #/components/parameters/IfMatch
    ");
    let codes = operation["responses"].as_object().unwrap().iter().map(|(status, answer)| {
        format!("{status} {}", answer.get("x-problem-codes").unwrap_or(&Value::Null))
    });
    insta::assert_snapshot!(codes.collect::<Vec<_>>().join("\n"), @r#"
    200 null
    400 ["malformed_json","unknown_parameter","invalid_parameter","invalid_header","organization_required"]
    401 ["token_missing","token_invalid","token_expired","token_revoked","token_suspended","token_not_yet_valid","holder_inactive"]
    403 ["insufficient_scope","ip_not_allowed","organization_locked","organization_suspended"]
    404 ["not_found"]
    408 ["request_timeout"]
    412 ["version_mismatch"]
    413 ["body_too_large","too_deep"]
    415 ["unsupported_media_type"]
    422 ["validation_failed","idempotency_mismatch","not_supported_yet"]
    429 ["rate_limited","quota_exceeded","too_many_failures"]
    500 ["internal"]
    503 ["not_ready","overloaded","node_lease_lost"]
    "#);
    let body = &document["components"]["schemas"]["Rename"];
    assert_eq!(body["additionalProperties"], false);
    assert_eq!(body["properties"]["team"]["x-not-supported-yet"], true);
    let holder = &body["properties"]["holder"]["anyOf"][0]["$ref"];
    assert_eq!(holder, "#/components/schemas/Holder");
}

#[test]
fn query_parameters_are_described_by_name_type_and_bounds() {
    let document = table().document().unwrap();
    let parameters = document["paths"]["/v1/things"]["get"]["parameters"].as_array().unwrap();
    let lines = parameters
        .iter()
        .filter(|it| it["name"].is_string())
        .map(|it| format!("{} {} {}", it["in"], it["name"], it["schema"]));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    "query" "limit" {"type":"integer","format":"uint16","minimum":1,"maximum":100,"default":50}
    "query" "cursor" {"type":["string","null"]}
    "query" "name" {"type":["string","null"]}
    "header" "X-Extra" {"type":"string"}
    "#);
}

#[test]
fn the_page_is_served_from_here_alone() {
    let page = include_str!("../../openapi/page/docs.html");
    let script = include_str!("../../openapi/page/docs.js");
    for text in [page, script] {
        assert!(!text.contains("http") && !text.contains("innerHTML") && !text.contains("style="));
    }
    assert!(!page.contains("<script>"));
}

#[tokio::test]
async fn the_page_forbids_the_browser_everything_foreign() {
    let page = get("GET /docs").await;
    insta::assert_snapshot!(page.header("content-security-policy"), @"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    assert_eq!(get("GET /docs/docs.js").await.header("content-type"), "text/javascript");
    assert_eq!(get("GET /docs/docs.css").await.header("content-type"), "text/css");
}

fn other(path: &'static str, id: &'static str) -> Route<App> {
    async fn nothing() -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
    Operation::patch(path, id).says("Nothing", "").handled_by(nothing)
}

#[test]
fn operations_that_contradict_each_other_make_no_table() {
    let refused = |route| table().with([route]).into_router(APP).unwrap_err();
    assert_eq!(refused(other("/v1/x", "renameThing")), TableError::SameId("renameThing"));
    let twice = TableError::SameRoute(Method::PATCH, "/v1/things/{id}");
    assert_eq!(refused(other("/v1/things/{id}", "x")), twice);
    let alike = TableError::SamePaths("/v1/things/{id}", "/v1/things/{thing}");
    assert_eq!(refused(other("/v1/things/{thing}", "x")), alike);
    assert_eq!(refused(other("/v1/x/{id}", "x")), TableError::PathParameters("/v1/x/{id}"));
    for bad in ["v1/x", "/v1//x", "/v1/x-{id}", "/v1/{a"] {
        assert_eq!(refused(other(bad, "x")), TableError::BadTemplate(bad));
    }
}
