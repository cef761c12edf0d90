//! What the table serves.

use super::*;

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

#[test]
fn the_page_is_served_from_here_alone() {
    let page = include_str!("../../../openapi/page/docs.html");
    let script = include_str!("../../../openapi/page/docs.js");
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
