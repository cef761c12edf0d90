//! Running translated statements on one connection.

use std::sync::Arc;

use bytes::Bytes;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior};

use super::translate::Translated;
use crate::{Row, SqlError, Value};

/// A statement of a transaction, translated.
pub(crate) struct Bound {
    pub(crate) translated: Arc<Translated>,
    pub(crate) sets: Vec<Vec<Value>>,
    pub(crate) expected: Option<u64>,
}

/// Runs one statement and answers its rows.
pub(crate) fn query(
    connection: &Connection,
    translated: &Translated,
    args: &[Value],
) -> Result<Vec<Row>, SqlError> {
    let mut prepared = connection.prepare_cached(&translated.sql)?;
    bind(&mut prepared, args)?;
    let columns = prepared.column_count();
    let mut rows = prepared.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row, columns)?);
    }
    Ok(found)
}

/// Runs all statements or none.
pub(crate) fn transact(connection: &Connection, statements: &[Bound]) -> Result<Vec<u64>, SqlError> {
    // Rolled back when dropped.
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let counts = statements
        .iter()
        .enumerate()
        .map(|(index, statement)| checked(&transaction, index, statement))
        .collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(counts)
}

fn checked(connection: &Connection, index: usize, statement: &Bound) -> Result<u64, SqlError> {
    let affected = run(connection, statement)?;
    match statement.expected {
        Some(expected) if expected != affected => {
            Err(SqlError::Unexpected { statement: index, expected, affected })
        }
        _ => Ok(affected),
    }
}

fn run(connection: &Connection, statement: &Bound) -> Result<u64, SqlError> {
    let mut prepared = connection.prepare_cached(&statement.translated.sql)?;
    let mut affected = 0;
    for args in &statement.sets {
        bind(&mut prepared, args)?;
        let answered = step(&mut prepared)?;
        affected += if statement.translated.changes_rows { connection.changes() } else { answered };
    }
    Ok(affected)
}

/// Steps to the end and answers the number of rows, if it is a statement that has any.
fn step(prepared: &mut CachedStatement<'_>) -> Result<u64, SqlError> {
    let mut rows = prepared.raw_query();
    let mut answered = 0;
    while rows.next()?.is_some() {
        answered += 1;
    }
    Ok(answered)
}

fn bind(prepared: &mut CachedStatement<'_>, args: &[Value]) -> Result<(), SqlError> {
    let wanted = prepared.parameter_count();
    if wanted != args.len() {
        let given = args.len();
        return Err(SqlError::refused(format!("the statement takes {wanted} arguments, not {given}")));
    }
    for (index, value) in args.iter().enumerate() {
        prepared.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

fn read(row: &rusqlite::Row<'_>, columns: usize) -> Result<Row, SqlError> {
    (0..columns).map(|index| value(index, row.get_ref(index)?)).collect::<Result<_, _>>().map(Row::new)
}

fn value(index: usize, found: ValueRef<'_>) -> Result<Value, SqlError> {
    match found {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Value::Text(text.into())),
            Err(err) => Err(rusqlite::Error::Utf8Error(index, err).into()),
        },
        ValueRef::Blob(bytes) => Ok(Value::Blob(Bytes::copy_from_slice(bytes))),
        ValueRef::Real(_) => Err(SqlError::Column {
            index,
            expected: "BIGINT, TEXT, BYTEA or BOOLEAN",
            found: "a floating-point number",
        }),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
        }))
    }
}
