//! One route's query string, read.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::cursor::Binding;
use super::pairs::pairs;
use super::shape::{Shape, shapes};
use crate::body::nearest::nearest;
use crate::body::path::Path;
use crate::body::schema::{check_formats, schema_of};
use crate::body::validate::Validation;
use crate::body::{Formats, SchemaError};
use crate::problem::{Code, FieldCode, FieldFault, Problem};

/// Parameters that change what is shown of a result and not which result it is.
const APART_FROM_BINDING: [&str; 4] = ["limit", "cursor", "min_position", "wait"];

/// A query that has been read.
#[derive(Clone, Debug)]
pub struct Asked<T> {
    /// The parameters.
    pub query: T,
    /// What cursors of this query are bound to.
    pub binding: Binding,
}

/// Reads query strings of type `T`, one flat struct; built once per route.
///
/// Fields are texts, whole numbers, booleans, or lists of these (a parameter that may repeat).
#[derive(Debug)]
pub struct QueryReader<T> {
    operation: &'static str,
    validation: Validation,
    shapes: BTreeMap<String, Shape>,
    query: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + JsonSchema> QueryReader<T> {
    /// A reader for the operation of this id, whose texts are checked by `formats`.
    ///
    /// # Errors
    /// When `T` is not one flat object or names a format that is not in `formats`.
    pub fn new(operation: &'static str, formats: &Formats) -> Result<Self, SchemaError> {
        let schema = schema_of::<T>();
        check_formats(&schema, formats)?;
        let shapes = shapes(&schema).ok_or(SchemaError::NotFlat)?;
        let validation = Validation::new(schema, formats)?;
        Ok(Self { operation, validation, shapes, query: PhantomData })
    }

    /// Reads a request's query string, the part of the address after `?`.
    ///
    /// # Errors
    /// `unknown_parameter` if any is unknown, else `invalid_parameter`, with all faults at once;
    /// `not_supported_yet` when nothing else is wrong.
    pub fn read(&self, query: Option<&str>) -> Result<Asked<T>, Problem> {
        let pairs = pairs(query.unwrap_or_default())
            .map_err(|error| Problem::new(Code::InvalidParameter, error.to_string()))?;
        let binding = self.binding(&pairs);
        let (value, mut faults) = self.collect(pairs);
        faults.extend(self.validation.faults(&value));
        if !faults.is_empty() {
            return Err(refused(faults));
        }
        match serde_json::from_value(value) {
            Ok(query) => Ok(Asked { query, binding }),
            Err(error) => {
                tracing::error!(%error, "a query passed its schema and not its type");
                Err(Problem::new(Code::InvalidParameter, "the parameters do not fit together"))
            }
        }
    }

    fn binding(&self, pairs: &[(String, String)]) -> Binding {
        let bound = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !APART_FROM_BINDING.contains(name));
        Binding::new(self.operation, bound)
    }

    /// The parameters as one object, and what is wrong with their names.
    fn collect(&self, pairs: Vec<(String, String)>) -> (Value, Vec<FieldFault>) {
        let mut object = Map::new();
        let mut faults = Vec::new();
        for (name, text) in pairs {
            let Some(shape) = self.shapes.get(&name) else {
                faults.push(self.unknown(&name));
                continue;
            };
            let value = shape.value(text);
            if shape.repeats {
                let list = object.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(items) = list {
                    items.push(value);
                }
            } else if object.contains_key(&name) {
                let detail = "give this parameter once";
                faults.push(FieldFault::new(pointer(&name), FieldCode::DuplicateKey, detail));
            } else {
                object.insert(name, value);
            }
        }
        (Value::Object(object), faults)
    }

    fn unknown(&self, name: &str) -> FieldFault {
        let known: Vec<&str> = self.shapes.keys().map(String::as_str).collect();
        let detail = match nearest(name, &known) {
            Some(near) => format!("there is no such parameter; did you mean `{near}`?"),
            None if known.is_empty() => "this operation takes no parameters".to_owned(),
            None => format!("there is no such parameter; known are {}", known.join(", ")),
        };
        FieldFault::new(pointer(name), FieldCode::UnknownField, detail)
    }
}

fn pointer(name: &str) -> String {
    Path::Key(&Path::Root, name).pointer()
}

fn refused(faults: Vec<FieldFault>) -> Problem {
    let any = |code| faults.iter().any(|fault| fault.code == code);
    if faults.iter().all(|fault| fault.code == FieldCode::NotSupportedYet) {
        return Problem::invalid_body(faults);
    }
    let code = if any(FieldCode::UnknownField) { Code::UnknownParameter } else { Code::InvalidParameter };
    let detail = match faults.as_slice() {
        [only] => format!("{}: {}", only.pointer.trim_start_matches('/'), only.detail),
        many => format!("{} faults; `errors` lists them all", many.len()),
    };
    Problem::new(code, detail).errors(faults)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::body::NotYet;
    use crate::query::Paging;

    #[derive(Debug, Deserialize, JsonSchema)]
    struct List {
        #[serde(flatten)]
        paging: Paging,
        #[serde(default)]
        tag: Vec<String>,
        status: Option<Status>,
        #[serde(default)]
        peek: bool,
        #[serde(default)]
        team: NotYet,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Status {
        /// Good for calls.
        Active,
        /// Never again.
        Revoked,
    }

    fn read(query: &str) -> Result<Asked<List>, Problem> {
        QueryReader::new("listThings", &Formats::default()).unwrap().read(Some(query))
    }

    fn refusal(query: &str) -> String {
        let problem = read(query).unwrap_err();
        let faults = problem
            .faults()
            .iter()
            .map(|fault| format!("\n{} {}: {}", fault.pointer, fault.code.text(), fault.detail));
        format!("{}{}", problem.code().text(), faults.collect::<String>())
    }

    #[test]
    fn parameters_are_read_by_their_kind() {
        let asked = read("limit=7&tag=a&tag=b%20c&status=active&peek=true").unwrap();
        assert_eq!(asked.query.paging.limit, 7);
        assert_eq!(asked.query.tag, ["a", "b c"]);
        assert_eq!(asked.query.status, Some(Status::Active));
        assert!(asked.query.peek);
    }

    #[test]
    fn nothing_asked_means_the_defaults() {
        let asked = QueryReader::<List>::new("x", &Formats::default()).unwrap().read(None).unwrap();
        assert_eq!((asked.query.paging.limit, asked.query.paging.cursor), (50, None));
        assert_eq!((asked.query.tag.len(), asked.query.team), (0, NotYet));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        insta::assert_snapshot!(refusal("limt=7&limit=101&status=gone&peek=yes&peek=true&q=1"), @r#"
        unknown_parameter
        /limt unknown_field: there is no such parameter; did you mean `limit`?
        /peek duplicate_key: give this parameter once
        /q unknown_field: there is no such parameter; known are cursor, limit, peek, status, tag, team
        /limit out_of_range: must be at most 100
        /status out_of_range: must be one of "active", "revoked"
        /peek wrong_type: must be true or false
        "#);
        insta::assert_snapshot!(refusal("limit=0"), @r"
        invalid_parameter
        /limit out_of_range: must be at least 1
        ");
        insta::assert_snapshot!(refusal("limit=many"), @r"
        invalid_parameter
        /limit wrong_type: must be of type integer
        ");
        insta::assert_snapshot!(refusal("limit=1&limit=1"), @r"
        invalid_parameter
        /limit duplicate_key: give this parameter once
        ");
        insta::assert_snapshot!(refusal("a=%"), @"invalid_parameter");
        insta::assert_snapshot!(refusal("team=x"), @r"
        not_supported_yet
        /team not_supported_yet: this version does not carry it out yet; leave it out
        ");
    }

    #[test]
    fn a_cursor_survives_another_limit_and_no_other_filter() {
        let first = read("status=active&limit=2&tag=a").unwrap();
        let cursor = first.binding.cursor(&"tok_1");
        let next = read(&format!("tag=a&limit=9&status=active&cursor={cursor}")).unwrap();
        assert_eq!(next.binding.open::<String>(&cursor).unwrap(), "tok_1");
        let other = read(&format!("tag=a&status=revoked&cursor={cursor}")).unwrap();
        assert!(other.binding.open::<String>(&cursor).is_err());
    }
}
