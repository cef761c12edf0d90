//! What the API reference names is known here: carried out, or refused as not supported yet.

use serde_json::Value;

const PROMISES: &str = include_str!("promises.txt");

/// The operation of this id.
fn operation<'d>(document: &'d Value, id: &str) -> &'d Value {
    let items = document["paths"].as_object().unwrap().values();
    let mut operations = items.flat_map(|it| it.as_object().unwrap().values());
    operations.find(|it| it["operationId"] == id).unwrap_or_else(|| panic!("there is no operation {id}"))
}

fn has_parameter(operation: &Value, name: &str) -> bool {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.into_iter().any(|it| it["in"] == "query" && it["name"] == name)
}

fn has_field(document: &Value, operation: &Value, path: &str) -> bool {
    let mut schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    path.split('/').all(|name| {
        schema = &resolved(document, schema)["properties"][name];
        !schema.is_null()
    })
}

/// What a schema refers to; of an optional one, the part that is not null.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolved(document, document.pointer(reference.trim_start_matches('#')).unwrap());
    }
    match schema["anyOf"].as_array() {
        Some(parts) => resolved(document, &parts[0]),
        None => schema,
    }
}

#[test]
fn nothing_that_the_reference_names_is_unknown() {
    let document = crate::operations().unwrap().document().unwrap();
    let lines = PROMISES.lines().filter(|it| !it.starts_with('#'));
    let unknown = lines.filter(|line| {
        let [id, place, name] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let operation = operation(&document, id);
        match place {
            "query" => !has_parameter(operation, name),
            "body" => !has_field(&document, operation, name),
            _ => panic!("{line}"),
        }
    });
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&str>::new());
}
