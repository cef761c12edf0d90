//! The SQL that the runner writes for a table.

use super::Table;
use super::projector::Shape;

/// `SELECT … WHERE key IN ($1, … $n)`.
pub(super) fn select(shape: &Shape, table: &Table, keys: usize) -> String {
    format!(
        "SELECT {} FROM {} WHERE {} IN ({})",
        table.columns.join(", "),
        full_name(shape, table),
        key(table),
        placeholders(keys)
    )
}

/// `SELECT …` of all rows.
#[cfg(test)]
pub(super) fn select_all(shape: &Shape, table: &Table) -> String {
    format!("SELECT {} FROM {}", table.columns.join(", "), full_name(shape, table))
}

/// `SELECT …` of at most so many rows in the order of their keys: the first ones, or those after `$1`.
pub(super) fn select_in_order(shape: &Shape, table: &Table, after: bool, rows: usize) -> String {
    let (columns, name, key) = (table.columns.join(", "), full_name(shape, table), key(table));
    let clause = if after { format!(" WHERE {key} > $1") } else { String::new() };
    format!("SELECT {columns} FROM {name}{clause} ORDER BY {key} LIMIT {rows}")
}

/// Writes a whole row, whether or not there is one of its key.
pub(super) fn upsert(shape: &Shape, table: &Table) -> String {
    let changes: Vec<_> = table.columns.iter().skip(1).map(|it| format!("{it} = excluded.{it}")).collect();
    let conflict = match changes.as_slice() {
        [] => "DO NOTHING".to_owned(),
        changes => format!("DO UPDATE SET {}", changes.join(", ")),
    };
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) {conflict}",
        full_name(shape, table),
        table.columns.join(", "),
        placeholders(table.columns.len()),
        key(table),
    )
}

/// `DELETE … WHERE key = $1`.
pub(super) fn delete(shape: &Shape, table: &Table) -> String {
    format!("DELETE FROM {} WHERE {} = $1", full_name(shape, table), key(table))
}

fn full_name(shape: &Shape, table: &Table) -> String {
    format!("{}.{}", shape.name, table.name)
}

fn key(table: &Table) -> &'static str {
    table.columns.first().copied().unwrap_or_default()
}

fn placeholders(count: usize) -> String {
    let all: Vec<_> = (1..=count).map(|it| format!("${it}")).collect();
    all.join(", ")
}
