//! One operation's entry.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::parameters::parameters;
use crate::problem::Code;
use crate::routes::operation::Answer;
use crate::routes::{Access, Operation, TableError};

/// Describes an operation; schemas with a name are left in `generator`.
pub(super) fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Result<Value, TableError> {
    let mut entry = Map::new();
    let mut add = |name: &str, value: Value| entry.insert(name.to_owned(), value);
    add("operationId", operation.id.into());
    add("summary", operation.summary.into());
    if !operation.description.is_empty() {
        add("description", operation.description.into());
    }
    add("tags", json!([operation.tag]));
    match operation.access {
        Access::Open => add("security", json!([])),
        Access::Caller
        | Access::Organization(_)
        | Access::OrganizationOrItself(_)
        | Access::Platform(_)
        | Access::Either { .. } => add("security", json!([{"token": []}])),
    };
    if let Some(needs) = operation.access.permission() {
        add("x-required-permission", needs.text().into());
    }
    let parameters = parameters(operation, generator)?;
    if !parameters.is_empty() {
        add("parameters", parameters.into());
    }
    if let Some(body) = &operation.body {
        let schema = (body.schema)(generator);
        let content = json!({"application/json": {"schema": schema}});
        add("requestBody", json!({"required": !body.may_be_absent, "content": content}));
    }
    add("responses", responses(operation, generator).into());
    Ok(Value::Object(entry))
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut responses = Map::new();
    for answer in &operation.answers {
        add_answer(&mut responses, operation, answer, generator);
    }
    let mut statuses: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in operation.codes() {
        statuses.entry(code.status().as_u16()).or_default().push(code);
    }
    for (status, codes) in statuses {
        responses.insert(status.to_string(), refusal(&codes));
    }
    responses
}

/// Adds an answer; several of one status differ by media type.
fn add_answer(
    responses: &mut Map<String, Value>,
    operation: &Operation,
    answer: &Answer,
    generator: &mut SchemaGenerator,
) {
    let status = answer.status.as_str();
    let response = responses.entry(status).or_insert_with(|| {
        let mut fresh = json!({"description": answer.description});
        if operation.path.starts_with("/v1/")
            && let Value::Object(fresh) = &mut fresh
        {
            let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
            let headers = json!({
                "Counterfoil-Position": header("Position"),
                "Counterfoil-Token-Expires": header("TokenExpires"),
            });
            fresh.insert("headers".to_owned(), headers);
        }
        fresh
    });
    if answer.media_type.is_empty() {
        return;
    }
    let schema = match answer.schema {
        Some(schema) => schema(generator).to_value(),
        None if answer.media_type == "application/json" => json!({"type": "object"}),
        None => json!({"type": "string"}),
    };
    if let Value::Object(response) = response {
        let content = response.entry("content").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(content) = content {
            content.insert(answer.media_type.to_owned(), json!({"schema": schema}));
        }
    }
}

/// The problems of one status.
fn refusal(codes: &[Code]) -> Value {
    let texts: Vec<&str> = codes.iter().map(|code| code.text()).collect();
    let lines: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}.", code.text(), code.title())).collect();
    let schema = json!({"$ref": "#/components/schemas/Problem"});
    let mut refusal = json!({
        "description": lines.join("\n"),
        "content": {"application/problem+json": {"schema": schema}},
        "x-problem-codes": texts,
    });
    if codes.iter().any(|code| code.says_when_to_retry())
        && let Value::Object(refusal) = &mut refusal
    {
        let header = json!({"$ref": "#/components/headers/RetryAfter"});
        refusal.insert("headers".to_owned(), json!({"Retry-After": header}));
    }
    refusal
}
