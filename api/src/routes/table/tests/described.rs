//! What the table describes is what it serves.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

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
    503 ["not_ready","overloaded","log_unavailable","node_lease_lost"]
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
