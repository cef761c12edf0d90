//! A compiled schema, and what it finds wrong with a value.

use jsonschema::Validator;
use serde_json::Value;

use super::strict::MAX_FAULTS;
use super::translate::Translator;
use super::{Formats, SchemaError, not_yet};
use crate::problem::FieldFault;

/// A schema compiled once, with the domain's checks of texts in it.
#[derive(Debug)]
pub(crate) struct Validation {
    validator: Validator,
    schema: Value,
    formats: Formats,
}

impl Validation {
    /// Compiles a schema.
    pub(crate) fn new(schema: Value, formats: &Formats) -> Result<Self, SchemaError> {
        let mut options = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .with_keyword(not_yet::KEYWORD, not_yet::keyword);
        for format in formats.iter() {
            let check = format.check;
            options = options.with_format(format.name, move |text: &str| check(text).is_ok());
        }
        let validator =
            options.build(&schema).map_err(|error| SchemaError::Invalid { reason: error.to_string() })?;
        Ok(Self { validator, schema, formats: formats.clone() })
    }

    /// Everything that is wrong with a value; nothing when it conforms.
    pub(crate) fn faults(&self, value: &Value) -> Vec<FieldFault> {
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        let translator = Translator { schema: &self.schema, formats: &self.formats };
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(value) {
            translator.add(&error, &mut faults);
            if MAX_FAULTS <= faults.len() {
                break;
            }
        }
        faults.truncate(MAX_FAULTS);
        faults
    }
}
