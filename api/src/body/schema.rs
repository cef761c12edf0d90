//! The JSON Schema of a body, made from its type and held to our own rules.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::Formats;
use super::path::push_key;

/// Why a type cannot be a body or a query.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// An object that would let unknown fields pass.
    #[error("`{pointer}` lets unknown fields pass; add `#[serde(deny_unknown_fields)]`")]
    Open {
        /// Where in the schema.
        pointer: String,
    },
    /// A kind of text that nobody checks.
    #[error("`{pointer}` names the format `{format}`, which is not registered")]
    UnknownFormat {
        /// Where in the schema.
        pointer: String,
        /// The unregistered name.
        format: String,
    },
    /// A schema that the validator does not take.
    #[error("the schema does not compile: {reason}")]
    Invalid {
        /// The validator's words.
        reason: String,
    },
    /// A query's type that is not one flat object.
    #[error("a query must be one object of plain fields")]
    NotFlat,
}

/// The schema of `T`, with nothing referred to, so that a fault's place in it can be looked up,
/// and with the bounds of integers spelled out.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    bound_integers(&mut schema);
    schema
}

/// Gives each integer the bounds of the Rust type that its `format` names, so that what the
/// schema lets pass is what the type can hold.
pub(crate) fn bound_integers(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(bound_integers),
        Value::Object(members) => {
            if let Some((least, most)) = members.get("format").and_then(integer_bounds) {
                members.entry("minimum").or_insert(least.into());
                members.entry("maximum").or_insert(most.into());
            }
            members.values_mut().for_each(bound_integers);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn integer_bounds(format: &Value) -> Option<(i64, i64)> {
    Some(match format.as_str()? {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int" | "int64" => (i64::MIN, i64::MAX),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint" | "uint64" => (0, i64::MAX),
        _ => return None,
    })
}

/// Holds a body's schema to our rules: closed objects, and no format that is not registered.
pub(crate) fn check(schema: &Value, formats: &Formats) -> Result<(), SchemaError> {
    visit(schema, "", &mut |members, pointer| {
        check_format(members, pointer, formats)?;
        check_closed(members, pointer)
    })
}

/// The same without the rule of closed objects, for readers that know the names themselves.
pub(crate) fn check_formats(schema: &Value, formats: &Formats) -> Result<(), SchemaError> {
    visit(schema, "", &mut |members, pointer| check_format(members, pointer, formats))
}

type Visit<'v> = dyn FnMut(&Map<String, Value>, &str) -> Result<(), SchemaError> + 'v;

fn visit(schema: &Value, pointer: &str, each: &mut Visit<'_>) -> Result<(), SchemaError> {
    match schema {
        Value::Object(members) => {
            each(members, pointer)?;
            for (name, inner) in members {
                // Examples, defaults and constants are data, not schemas.
                if !matches!(name.as_str(), "examples" | "default" | "const" | "enum") {
                    let mut deeper = pointer.to_owned();
                    push_key(&mut deeper, name);
                    visit(inner, &deeper, each)?;
                }
            }
            Ok(())
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, inner)| visit(inner, &format!("{pointer}/{index}"), each)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn check_format(members: &Map<String, Value>, pointer: &str, formats: &Formats) -> Result<(), SchemaError> {
    let Some(Value::String(format)) = members.get("format") else {
        return Ok(());
    };
    let is_number = integer_bounds(&Value::String(format.clone())).is_some();
    if is_number || formats.get(format).is_some() {
        return Ok(());
    }
    Err(SchemaError::UnknownFormat { pointer: pointer.to_owned(), format: format.clone() })
}

fn check_closed(members: &Map<String, Value>, pointer: &str) -> Result<(), SchemaError> {
    let is_object = members.get("properties").is_some_and(Value::is_object);
    let names_types = members.get("type").is_some();
    let closed = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|keyword| members.get(*keyword) == Some(&Value::Bool(false)));
    if is_object && names_types && !closed {
        return Err(SchemaError::Open { pointer: pointer.to_owned() });
    }
    Ok(())
}
