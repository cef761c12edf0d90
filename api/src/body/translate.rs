//! From the validator's findings to faults that say how to mend them.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::Formats;
use super::nearest::nearest;
use super::path::push_key;
use super::strict::MAX_FAULTS;
use crate::problem::{FieldCode, FieldFault};

/// Knows the schema, to name what would have been right.
pub(super) struct Translator<'a> {
    pub(super) schema: &'a Value,
    pub(super) formats: &'a Formats,
}

impl Translator<'_> {
    /// Adds the faults of one finding.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is about one value alone is told apart further on"
    )]
    pub(super) fn add(&self, error: &ValidationError<'_>, faults: &mut Vec<FieldFault>) {
        let at = error.instance_path().as_str();
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                self.add_unknown(error, unexpected, faults);
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let detail = format!("add the field `{name}`");
                faults.push(FieldFault::new(member(at, name), FieldCode::Required, detail));
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                self.add_alternatives(error, context, faults);
            }
            Kind::PropertyNames { error } => self.add(error, faults),
            kind => {
                let (code, detail) = self.single(error, kind);
                faults.push(FieldFault::new(at, code, detail));
            }
        }
    }

    fn add_unknown(&self, error: &ValidationError<'_>, unexpected: &[String], faults: &mut Vec<FieldFault>) {
        let known = self.known_names(error);
        for name in unexpected.iter().take(MAX_FAULTS) {
            let detail = match nearest(name, &known) {
                Some(near) => format!("there is no such field; did you mean `{near}`?"),
                None if known.is_empty() => "there is no such field; leave it out".to_owned(),
                None => format!("there is no such field; known are {}", known.join(", ")),
            };
            let pointer = member(error.instance_path().as_str(), name);
            faults.push(FieldFault::new(pointer, FieldCode::UnknownField, detail));
        }
    }

    /// The names of the object's fields, from the schema beside the keyword that refused.
    fn known_names(&self, error: &ValidationError<'_>) -> Vec<&str> {
        let place = error.schema_path().as_str();
        let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
        let properties = self.schema.pointer(parent).and_then(|it| it.get("properties"));
        properties
            .and_then(Value::as_object)
            .map(|it| it.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// What a value that fits none of several schemas should have been.
    fn add_alternatives(
        &self,
        error: &ValidationError<'_>,
        branches: &[Vec<ValidationError<'_>>],
        faults: &mut Vec<FieldFault>,
    ) {
        let at = error.instance_path().as_str();
        if let Some((pointer, choices)) = common_choice(branches) {
            faults.push(FieldFault::new(pointer, FieldCode::OutOfRange, one_of(&choices)));
            return;
        }
        let fitting = branches.iter().filter(|errors| !has_other_type(errors, at));
        let Some(best) = fitting.min_by_key(|errors| errors.len()) else {
            let types = wanted_types(branches, at);
            let detail = wrong_type(&types);
            faults.push(FieldFault::new(at, FieldCode::WrongType, detail));
            return;
        };
        for inner in best {
            self.add(inner, faults);
        }
    }

    /// Findings that are about exactly one value.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "keywords that our types cannot produce share one answer"
    )]
    fn single(&self, error: &ValidationError<'_>, kind: &Kind) -> (FieldCode, String) {
        use FieldCode::{InvalidFormat, NotSupportedYet, OutOfRange, TooLong, WrongType};
        match kind {
            Kind::Type { kind } => (WrongType, wrong_type(&type_names(kind))),
            Kind::Enum { options } => (OutOfRange, one_of(options.as_array().map_or(&[], Vec::as_slice))),
            Kind::Constant { expected_value } => (OutOfRange, format!("must be {expected_value}")),
            Kind::Minimum { limit } => (OutOfRange, format!("must be at least {limit}")),
            Kind::Maximum { limit } => (OutOfRange, format!("must be at most {limit}")),
            Kind::ExclusiveMinimum { limit } => (OutOfRange, format!("must be above {limit}")),
            Kind::ExclusiveMaximum { limit } => (OutOfRange, format!("must be below {limit}")),
            Kind::MinLength { limit } => (OutOfRange, format!("use at least {limit} characters")),
            Kind::MinItems { limit } => (OutOfRange, format!("give at least {limit} items")),
            Kind::MinProperties { limit } => (OutOfRange, format!("give at least {limit} fields")),
            Kind::UniqueItems => (OutOfRange, "give each item once".to_owned()),
            Kind::MaxLength { limit } => (TooLong, format!("use at most {limit} characters")),
            Kind::MaxItems { limit } => (TooLong, format!("give at most {limit} items")),
            Kind::MaxProperties { limit } => (TooLong, format!("give at most {limit} fields")),
            Kind::Format { format } => self.format_fault(error, format),
            Kind::Pattern { pattern } => (InvalidFormat, format!("must match {pattern}")),
            Kind::Custom { message, .. } => (NotSupportedYet, format!("{message}; leave it out")),
            _ => (InvalidFormat, "is not as the API reference describes it".to_owned()),
        }
    }

    fn format_fault(&self, error: &ValidationError<'_>, name: &str) -> (FieldCode, String) {
        let Some(format) = self.formats.get(name) else {
            return (FieldCode::InvalidFormat, format!("is not a {name}"));
        };
        let text = error.instance().as_str().unwrap_or_default();
        let detail = (format.check)(text).err().unwrap_or_else(|| format!("is not a {name}"));
        (format.code, detail)
    }
}

/// The pointer of an object's member.
fn member(object: &str, name: &str) -> String {
    let mut pointer = object.to_owned();
    push_key(&mut pointer, name);
    pointer
}

/// If every branch refuses a text at one and the same place because it is another word: that
/// place, and all the words. So it is with tags, and with enums whose values are described.
fn common_choice(branches: &[Vec<ValidationError<'_>>]) -> Option<(String, Vec<Value>)> {
    let mut place = None;
    let mut choices = Vec::new();
    for errors in branches.iter().filter(|errors| !is_null_branch(errors)) {
        let (error, words) = errors.iter().find_map(|it| Some((it, words_of(it)?)))?;
        let at = error.instance_path().as_str();
        if *place.get_or_insert(at) != at || !error.instance().is_string() {
            return None;
        }
        choices.extend(words);
    }
    Some((place?.to_owned(), choices))
}

/// The words that a `const` or an `enum` would have taken.
fn words_of(error: &ValidationError<'_>) -> Option<Vec<Value>> {
    if let Kind::Constant { expected_value } = error.kind() {
        return Some(vec![expected_value.as_ref().clone()]);
    }
    if let Kind::Enum { options } = error.kind() {
        return options.as_array().cloned();
    }
    None
}

/// The branch that only lets an optional field be null.
fn is_null_branch(errors: &[ValidationError<'_>]) -> bool {
    errors.iter().any(|error| matches!(error.kind(), Kind::Type { kind: TypeKind::Single(JsonType::Null) }))
}

/// Whether a branch is for values of another type altogether.
fn has_other_type(errors: &[ValidationError<'_>], at: &str) -> bool {
    errors
        .iter()
        .any(|error| matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == at)
}

fn wanted_types(branches: &[Vec<ValidationError<'_>>], at: &str) -> Vec<&'static str> {
    let mut types = Vec::new();
    for error in branches.iter().flatten() {
        if let Kind::Type { kind } = error.kind()
            && error.instance_path().as_str() == at
        {
            types.extend(type_names(kind));
        }
    }
    types.dedup();
    types
}

fn type_names(kind: &TypeKind) -> Vec<&'static str> {
    match kind {
        TypeKind::Single(one) => vec![one.as_str()],
        TypeKind::Multiple(several) => several.iter().map(JsonType::as_str).collect(),
    }
}

fn wrong_type(types: &[&str]) -> String {
    if types.contains(&"boolean") && types.iter().all(|it| matches!(*it, "boolean" | "null")) {
        return "must be true or false".to_owned();
    }
    // That an optional field may be null as well helps nobody who sent a number.
    let named: Vec<&str> = types.iter().copied().filter(|it| *it != "null").collect();
    format!("must be of type {}", named.join(" or "))
}

fn one_of(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().filter(|it| !it.is_null()).map(Value::to_string).collect();
    format!("must be one of {}", shown.join(", "))
}
