//! What a projection keeps: tables of keyed rows.

use store::{Row, SqlError, Value};

use super::{Id, Personal};

/// One table of a projection. Its name in SQL is `<projection>.<table>`.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The name without the projection.
    pub name: &'static str,
    /// All columns in the order of [`Record::into_values`]; the first is the key.
    pub columns: &'static [&'static str],
    /// The `CREATE TABLE IF NOT EXISTS` statement.
    pub ddl: &'static str,
    /// The `CREATE INDEX IF NOT EXISTS` statements: run once the rows are there.
    pub indexes: &'static [&'static str],
    /// What it holds of subjects, and what is left of that once one is erased: what a fold without the key writes.
    pub personal: &'static [Personal],
}

/// A row of a table as a type.
///
/// Rows hold nothing that is not a function of the facts: no clock, no random value, no number that the
/// engine gives out.
pub trait Record: Sized {
    /// The table that such rows lie in.
    const TABLE: &'static Table;

    /// The key.
    fn id(&self) -> Id;

    /// All columns, in the order of the table.
    fn into_values(self) -> Vec<Value>;

    /// Reads what [`into_values`](Self::into_values) wrote.
    ///
    /// # Errors
    /// When the columns hold something else.
    fn from_row(row: &Row) -> Result<Self, SqlError>;
}
