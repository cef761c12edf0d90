//! Fields that are known and whose meaning comes with a later version.

use std::borrow::Cow;

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::{Map, Value};

/// The keyword of our schemas that refuses: `true` refuses any value but null, an array refuses
/// the values it lists, `{"unless": […]}` refuses any but null and those, `{"type": "string"}`
/// refuses texts.
///
/// The array is for a field of which some values are carried out already:
/// `#[schemars(extend("x-not-supported-yet" = ["holder"]))]`. `unless` lists what asks for nothing,
/// such as `false`.
pub const KEYWORD: &str = "x-not-supported-yet";

/// A field that is refused with `not_supported_yet` wherever it is given, never accepted and
/// ignored.
///
/// Declare it as `#[serde(default)] team: NotYet`. An explicit null counts as not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotYet;

impl<'de> Deserialize<'de> for NotYet {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        // The schema has let only null pass.
        IgnoredAny::deserialize(source).map(|_| Self)
    }
}

impl JsonSchema for NotYet {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NotYet".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Not supported yet: refused with 422 `not_supported_yet`.",
            (KEYWORD): true
        })
    }
}

/// The check behind [`KEYWORD`].
struct Refusal {
    /// The keyword's own value.
    rule: Value,
}

impl Refusal {
    fn refuses(&self, value: &Value) -> bool {
        if let Some(values) = self.rule.as_array() {
            return values.contains(value);
        }
        if self.rule.get("type").is_some_and(|it| it == "string") {
            return value.is_string();
        }
        let harmless = self.rule.get("unless").and_then(Value::as_array);
        !value.is_null() && !harmless.is_some_and(|it| it.contains(value))
    }
}

impl<'i> Keyword<'i> for Refusal {
    fn validate(&self, value: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.refuses(value) {
            return Err(ValidationError::custom("this version does not carry it out yet"));
        }
        Ok(())
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        !self.refuses(value)
    }
}

/// Makes the check of one schema that uses [`KEYWORD`].
#[expect(clippy::unnecessary_wraps, reason = "the signature is the validator's")]
pub(super) fn keyword<'a>(
    _schema: &'a Map<String, Value>,
    rule: &'a Value,
    _at: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    Ok(Box::new(Refusal { rule: rule.clone() }))
}
