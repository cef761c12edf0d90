//! An operation's parameters in path, query and headers.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::routes::operation::SchemaOf;
use crate::routes::{Access, Operation, TableError, parameter_names};

/// All parameters of an operation.
pub(super) fn parameters(
    operation: &Operation,
    generator: &mut SchemaGenerator,
) -> Result<Vec<Value>, TableError> {
    let mut all = of_path(operation, generator)?;
    if let Some(query) = operation.query {
        all.extend(of_query(query, generator));
    }
    for header in &operation.headers {
        let schema = (header.schema)(generator);
        all.push(json!({"name": header.name, "in": "header", "required": false,
            "description": header.description, "schema": schema}));
    }
    if operation.access != Access::Open {
        all.push(shared("Organization"));
        all.push(shared("Position"));
    }
    if operation.idempotent {
        all.push(shared("IdempotencyKey"));
    }
    if operation.conditional {
        all.push(shared("IfMatch"));
    }
    Ok(all)
}

fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

fn of_path(operation: &Operation, generator: &mut SchemaGenerator) -> Result<Vec<Value>, TableError> {
    let names: Vec<&str> = parameter_names(operation.path).collect();
    let mut described = operation.path_parameters.map_or_else(Map::new, |it| fields(it, generator).0);
    if names.len() != described.len() {
        return Err(TableError::PathParameters(operation.path));
    }
    let mut all = Vec::new();
    for name in names {
        let schema = described.remove(name).ok_or(TableError::PathParameters(operation.path))?;
        all.push(parameter(name, "path", true, schema));
    }
    Ok(all)
}

fn of_query(query: SchemaOf, generator: &mut SchemaGenerator) -> Vec<Value> {
    let (fields, required) = fields(query, generator);
    let all = fields.into_iter().map(|(name, schema)| {
        let required = required.contains(&name);
        parameter(&name, "query", required, schema)
    });
    all.collect()
}

/// The fields of a flat struct, and which of them must be there.
fn fields(of: SchemaOf, generator: &mut SchemaGenerator) -> (Map<String, Value>, Vec<String>) {
    let mut schema = of(generator).to_value();
    let mut take = |name: &str| schema.get_mut(name).map(Value::take);
    let fields = match take("properties") {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let required = take("required").and_then(|it| serde_json::from_value(it).ok());
    (fields, required.unwrap_or_default())
}

/// A parameter whose description stands beside its schema, where readers of the document look.
fn parameter(name: &str, place: &str, required: bool, mut schema: Value) -> Value {
    let description = schema.as_object_mut().and_then(|it| it.remove("description"));
    let mut parameter = json!({"name": name, "in": place, "required": required, "schema": schema});
    if let (Some(description), Value::Object(members)) = (description, &mut parameter) {
        members.insert("description".to_owned(), description);
    }
    parameter
}
