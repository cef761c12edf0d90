//! The interface's own description (OpenAPI 3.1), made from the table of operations.

mod components;
mod operation;
mod parameters;
pub(crate) mod served;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::body::schema::bound_integers;
use crate::routes::{Operation, TableError};

/// Where schemas with a name are kept, as a JSON Pointer from the document's root.
const SCHEMAS: &str = "/components/schemas";

/// The document of these operations.
pub(crate) fn document<'a>(operations: impl Iterator<Item = &'a Operation>) -> Result<Value, TableError> {
    let mut generator = generator();
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for operation in operations {
        let described = operation::describe(operation, &mut generator)?;
        let path = operation.path.replace("{*", "{");
        let method = operation.method.as_str().to_ascii_lowercase();
        let item = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(item) = item {
            item.insert(method, described);
        }
        if !tags.contains(&operation.tag) {
            tags.push(operation.tag);
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": info(),
        "servers": [{"url": "/", "description": "This server."}],
        "tags": tags.into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "paths": paths,
        "components": components::components(&mut generator),
    });
    bound_integers(&mut document);
    Ok(document)
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().with(|it| it.definitions_path = SCHEMAS.into()).into_generator()
}

fn info() -> Value {
    json!({
        "title": "Counterfoil",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Issues, verifies, limits, watches and revokes API tokens.",
        "description": "Refusals are problem details (RFC 9457); each `code` has a page under \
            `/problems/{code}`. Unknown fields and parameters are refused. Times are RFC 3339 UTC.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    })
}
