//! One statement of a transaction, with what it must change.

use std::borrow::Cow;

use crate::Value;

/// A statement and its arguments, to be run once or once per set of arguments.
///
/// The text holds `$1 … $n`; each set of arguments has exactly n values.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) sets: Vec<Vec<Value>>,
    pub(crate) expected: Option<u64>,
}

impl Statement {
    /// A statement that runs once.
    pub fn new(sql: impl Into<Cow<'static, str>>, args: Vec<Value>) -> Self {
        Self::many(sql, vec![args])
    }

    /// A statement that is prepared once and runs for each set of arguments, in order.
    pub fn many(sql: impl Into<Cow<'static, str>>, sets: Vec<Vec<Value>>) -> Self {
        Self { sql: sql.into(), sets, expected: None }
    }

    /// The statement must change exactly `rows` rows, summed over all its sets of arguments;
    /// else the whole transaction is rolled back with [`crate::SqlError::Unexpected`].
    #[must_use]
    pub fn expecting(mut self, rows: u64) -> Self {
        self.expected = Some(rows);
        self
    }
}
