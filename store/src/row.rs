//! Typed access to what a query found.

use crate::{SqlError, Value};

/// One row of a query's answer; columns are counted from 0.
///
/// Each accessor fails with [`SqlError::Column`] when the column is absent, NULL or of another
/// type; the `optional_` ones take NULL for `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(Box<[Value]>);

impl Row {
    /// A row of these values, in the order of the columns.
    pub fn new(values: Vec<Value>) -> Self {
        Self(values.into())
    }

    /// All values, in the order of the columns.
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// A `BIGINT`.
    pub fn int(&self, index: usize) -> Result<i64, SqlError> {
        match self.0.get(index) {
            Some(Value::Int(number)) => Ok(*number),
            other => Err(mismatch(index, "BIGINT", other)),
        }
    }

    /// A `BIGINT` that is never negative, such as a position or a count.
    pub fn unsigned(&self, index: usize) -> Result<u64, SqlError> {
        u64::try_from(self.int(index)?).map_err(|_| SqlError::Column {
            index,
            expected: "BIGINT of at least 0",
            found: "negative",
        })
    }

    /// A `TEXT`.
    pub fn text(&self, index: usize) -> Result<&str, SqlError> {
        match self.0.get(index) {
            Some(Value::Text(text)) => Ok(text),
            other => Err(mismatch(index, "TEXT", other)),
        }
    }

    /// A `BYTEA`.
    pub fn blob(&self, index: usize) -> Result<&[u8], SqlError> {
        match self.0.get(index) {
            Some(Value::Blob(bytes)) => Ok(bytes),
            other => Err(mismatch(index, "BYTEA", other)),
        }
    }

    /// A `BOOLEAN`; SQLite has none and answers 0 or 1.
    pub fn bool(&self, index: usize) -> Result<bool, SqlError> {
        match self.0.get(index) {
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(Value::Int(0)) => Ok(false),
            Some(Value::Int(1)) => Ok(true),
            other => Err(mismatch(index, "BOOLEAN", other)),
        }
    }

    /// A `BIGINT` or NULL.
    pub fn optional_int(&self, index: usize) -> Result<Option<i64>, SqlError> {
        self.optional(index, Self::int)
    }

    /// A `BIGINT` that is never negative, or NULL.
    pub fn optional_unsigned(&self, index: usize) -> Result<Option<u64>, SqlError> {
        self.optional(index, Self::unsigned)
    }

    /// A `TEXT` or NULL.
    pub fn optional_text(&self, index: usize) -> Result<Option<&str>, SqlError> {
        self.optional(index, Self::text)
    }

    /// A `BYTEA` or NULL.
    pub fn optional_blob(&self, index: usize) -> Result<Option<&[u8]>, SqlError> {
        self.optional(index, Self::blob)
    }

    /// A `BOOLEAN` or NULL.
    pub fn optional_bool(&self, index: usize) -> Result<Option<bool>, SqlError> {
        self.optional(index, Self::bool)
    }

    fn optional<'a, T>(
        &'a self,
        index: usize,
        read: impl Fn(&'a Self, usize) -> Result<T, SqlError>,
    ) -> Result<Option<T>, SqlError> {
        match self.0.get(index) {
            Some(Value::Null) => Ok(None),
            _ => read(self, index).map(Some),
        }
    }
}

fn mismatch(index: usize, expected: &'static str, found: Option<&Value>) -> SqlError {
    SqlError::Column { index, expected, found: found.map_or("absent", Value::type_name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::new(vec![Value::from(-7), Value::from("ada"), Value::Null, Value::from(true)])
    }

    #[test]
    fn each_type_reads_itself() {
        assert_eq!(row().int(0).unwrap(), -7);
        assert_eq!(row().text(1).unwrap(), "ada");
        assert!(row().bool(3).unwrap());
        assert_eq!(row().optional_int(2).unwrap(), None);
        assert_eq!(row().optional_text(1).unwrap(), Some("ada"));
    }

    #[test]
    fn a_mismatch_names_the_column_and_both_types() {
        let message = |result: Result<i64, SqlError>| result.unwrap_err().to_string();
        assert_eq!(message(row().int(1)), "column 1 is TEXT, not BIGINT");
        assert_eq!(message(row().int(2)), "column 2 is NULL, not BIGINT");
        assert_eq!(message(row().int(9)), "column 9 is absent, not BIGINT");
    }

    #[test]
    fn booleans_are_one_and_zero_where_the_engine_has_none() {
        let row = Row::new(vec![Value::from(1), Value::from(0), Value::from(2)]);
        assert!(row.bool(0).unwrap());
        assert!(!row.bool(1).unwrap());
        assert!(row.bool(2).is_err());
    }

    #[test]
    fn an_absent_column_is_not_null() {
        assert!(row().optional_text(9).is_err());
    }

    #[test]
    fn a_negative_number_is_no_position() {
        assert!(row().unsigned(0).is_err());
    }
}
