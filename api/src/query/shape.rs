//! What each parameter's text stands for, from the schema of the query.

use std::collections::BTreeMap;

use serde_json::Value;

/// How a parameter's texts become a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    kind: Kind,
    /// Whether the parameter may be given several times, as a list.
    pub(super) repeats: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Boolean,
}

impl Shape {
    /// The value of one text; a text that does not fit stays a text, which the schema refuses.
    pub(super) fn value(self, text: String) -> Value {
        match self.kind {
            Kind::Text => Value::String(text),
            Kind::Integer => text.parse::<i64>().map_or(Value::String(text), Value::from),
            Kind::Boolean => match text.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::String(text),
            },
        }
    }
}

/// The shape of each parameter; `None` if the schema is not one flat object.
pub(super) fn shapes(schema: &Value) -> Option<BTreeMap<String, Shape>> {
    if !names_type(schema, "object") {
        return None;
    }
    let Some(properties) = schema.get("properties") else { return Some(BTreeMap::new()) };
    let shape = |(name, schema): (&String, &Value)| Some((name.clone(), shape(schema)?));
    properties.as_object()?.iter().map(shape).collect()
}

fn shape(schema: &Value) -> Option<Shape> {
    if names_type(schema, "array") {
        let kind = kind(schema.get("items")?)?;
        return Some(Shape { kind, repeats: true });
    }
    Some(Shape { kind: kind(schema)?, repeats: false })
}

fn kind(schema: &Value) -> Option<Kind> {
    if names_type(schema, "object") || names_type(schema, "array") {
        None
    } else if names_type(schema, "integer") {
        Some(Kind::Integer)
    } else if names_type(schema, "boolean") {
        Some(Kind::Boolean)
    } else {
        // Enumerations whose values are described name no type of their own.
        Some(Kind::Text)
    }
}

fn names_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(several)) => several.iter().any(|it| it == name),
        _ => false,
    }
}
