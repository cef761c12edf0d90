//! Reading and writing columns that hold more than the engine knows of.

use std::fmt::Display;
use std::str::FromStr;

use domain::time::Timestamp;
use eventlog::Position;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Row, SqlError, Value};

/// An id or another value that is stored as its text.
pub(crate) fn parsed<T: FromStr<Err: Display>>(row: &Row, index: usize) -> Result<T, SqlError> {
    row.text(index)?.parse().map_err(|err: T::Err| not_ours(index, &err))
}

/// The same, or NULL.
pub(crate) fn optional_parsed<T: FromStr<Err: Display>>(
    row: &Row,
    index: usize,
) -> Result<Option<T>, SqlError> {
    let text = row.optional_text(index)?;
    text.map(|it| it.parse().map_err(|err: T::Err| not_ours(index, &err))).transpose()
}

/// A value that is stored as JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, SqlError> {
    serde_json::from_str(row.text(index)?).map_err(|err| not_ours(index, &err))
}

/// The same, or NULL.
pub(crate) fn optional_json<T: DeserializeOwned>(row: &Row, index: usize) -> Result<Option<T>, SqlError> {
    let text = row.optional_text(index)?;
    text.map(|it| serde_json::from_str(it).map_err(|err| not_ours(index, &err))).transpose()
}

/// A value whose JSON is one string, stored without the quotation marks.
pub(crate) fn named<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, SqlError> {
    let text = serde_json::Value::String(row.text(index)?.to_owned());
    serde_json::from_value(text).map_err(|err| not_ours(index, &err))
}

/// The same, or NULL.
pub(crate) fn optional_named<T: DeserializeOwned>(row: &Row, index: usize) -> Result<Option<T>, SqlError> {
    row.optional_text(index)?.map(|_| named(row, index)).transpose()
}

/// An instant.
pub(crate) fn instant(row: &Row, index: usize) -> Result<Timestamp, SqlError> {
    row.int(index).map(Timestamp::from_micros)
}

/// An instant or NULL.
pub(crate) fn optional_instant(row: &Row, index: usize) -> Result<Option<Timestamp>, SqlError> {
    Ok(row.optional_int(index)?.map(Timestamp::from_micros))
}

/// A position.
pub(crate) fn position(row: &Row, index: usize) -> Result<Position, SqlError> {
    row.unsigned(index).map(Position)
}

/// A column of a value's text.
pub(crate) fn text(value: &impl Display) -> Value {
    Value::from(value.to_string())
}

/// A column of a value's text, or NULL.
pub(crate) fn optional_text(value: Option<&impl Display>) -> Value {
    value.map_or(Value::Null, text)
}

/// A column of a value as JSON. What cannot be written as JSON is NULL; nothing that is kept is such.
pub(crate) fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_string(value).map_or(Value::Null, Value::from)
}

/// A column of a value whose JSON is one string, without the quotation marks.
pub(crate) fn to_name(value: &impl Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Value::from(name),
        _ => Value::Null,
    }
}

/// A column of an instant, or NULL.
pub(crate) fn micros(instant: Option<Timestamp>) -> Value {
    instant.map(Timestamp::micros).into()
}

fn not_ours(index: usize, err: &impl Display) -> SqlError {
    SqlError::Corrupt { message: format!("column {index} does not hold what was written: {err}") }
}
