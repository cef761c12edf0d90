//! One route's body, read.

use std::marker::PhantomData;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::schema::{check, schema_of};
use super::strict::{MAX_STRING_BYTES, Strict, Unreadable, parse};
use super::validate::Validation;
use super::{Formats, SchemaError, media};
use crate::edge::receive_body;
use crate::problem::{Code, FieldCode, FieldFault, Problem};

/// Largest body of a command, in bytes.
pub const COMMAND_BYTES: usize = 64 * 1024;
/// Largest body of a batch, in bytes.
pub const BATCH_BYTES: usize = 1024 * 1024;
/// How long a body may take to arrive, unless the configuration says otherwise.
pub const DEFAULT_BODY_TIME: Duration = Duration::from_secs(10);

/// What else is wrong with a body, however little of it is right.
pub type Rule = fn(&Value) -> Vec<FieldFault>;

/// Reads bodies of type `T`; built once per route, because the schema is compiled then.
#[derive(Debug)]
pub struct BodyReader<T> {
    validation: Validation,
    limit: usize,
    within: Duration,
    may_be_absent: bool,
    longest_text: usize,
    rule: Option<Rule>,
    body: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + JsonSchema> BodyReader<T> {
    /// A reader of bodies up to [`COMMAND_BYTES`], whose texts are checked by `formats`.
    ///
    /// # Errors
    /// When `T` lets unknown fields pass or names a format that is not in `formats`.
    pub fn new(formats: &Formats) -> Result<Self, SchemaError> {
        let schema = schema_of::<T>();
        check(&schema, formats)?;
        let validation = Validation::new(schema, formats)?;
        Ok(Self {
            validation,
            limit: COMMAND_BYTES,
            within: DEFAULT_BODY_TIME,
            may_be_absent: false,
            longest_text: MAX_STRING_BYTES,
            rule: None,
            body: PhantomData,
        })
    }

    /// The same for bodies up to `bytes`.
    #[must_use]
    pub fn up_to(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// The same for bodies that may take this long to arrive.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    /// The same where no body at all counts as `{}`.
    #[must_use]
    pub fn or_none(mut self) -> Self {
        self.may_be_absent = true;
        self
    }

    /// The same where texts may be as long as the body: what others have sent is passed on here, however long.
    #[must_use]
    pub fn with_long_texts(mut self) -> Self {
        self.longest_text = usize::MAX;
        self
    }

    /// The same with a rule that no schema can say; its faults are told together with all others.
    #[must_use]
    pub fn held_to(mut self, rule: Rule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Largest body that is read, in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How long a body may take to arrive.
    pub fn time(&self) -> Duration {
        self.within
    }

    /// Whether no body at all counts as `{}`.
    pub fn is_optional(&self) -> bool {
        self.may_be_absent
    }

    /// Receives a body whole, once its media type is known to be right.
    ///
    /// # Errors
    /// `unsupported_media_type`, `body_too_large`, `request_timeout`, and `malformed_json` where the client breaks
    /// off.
    pub async fn receive(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
        if !self.may_be_absent {
            // A body of the wrong type need not be waited for.
            media::require_json(headers)?;
        }
        let bytes = receive_body(body, self.limit, self.within).await?;
        if self.may_be_absent && !bytes.is_empty() {
            media::require_json(headers)?;
        }
        Ok(bytes)
    }

    /// Reads a body that was received.
    ///
    /// # Errors
    /// `too_deep`, `malformed_json`, and `validation_failed` or `not_supported_yet` with all faults at once.
    pub fn understand(&self, body: &[u8]) -> Result<T, Problem> {
        if self.may_be_absent && body.is_empty() {
            return self.accept(Strict { value: Value::Object(serde_json::Map::new()), faults: Vec::new() });
        }
        let strict = parse(body, self.longest_text).map_err(|error| unreadable(&error))?;
        self.accept(strict)
    }

    fn accept(&self, strict: Strict) -> Result<T, Problem> {
        let Strict { value, mut faults } = strict;
        // Where strict reading found a fault, the value is a stand-in that says nothing.
        let known: Vec<String> = faults.iter().map(|fault| fault.pointer.clone()).collect();
        let further = self.validation.faults(&value);
        let ruled = self.rule.map(|rule| rule(&value)).unwrap_or_default();
        let further = further.into_iter().chain(ruled);
        faults.extend(further.filter(|fault| !known.contains(&fault.pointer)));
        if !faults.is_empty() {
            return Err(Problem::invalid_body(faults));
        }
        serde_json::from_value(value).map_err(|error| beyond_schema(&error))
    }
}

fn unreadable(error: &Unreadable) -> Problem {
    match error {
        Unreadable::Malformed { line, column, reason } => {
            let detail = format!("{reason} at line {line}, column {column}");
            Problem::new(Code::MalformedJson, detail).with("line", *line).with("column", *column)
        }
        Unreadable::TooDeep { .. } => {
            Problem::new(Code::TooDeep, format!("{error}; flatten what lies there"))
        }
    }
}

/// A type that takes less than its schema says. A defect of the type, and still a clear answer.
fn beyond_schema(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "a body passed its schema and not its type");
    let detail = "is not as the API reference describes it";
    Problem::invalid_body(vec![FieldFault::new("", FieldCode::WrongType, detail)])
}

#[cfg(test)]
mod tests;
