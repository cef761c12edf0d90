//! Looking through a view's file for damage.

use std::path::Path;

use rusqlite::Connection;

use super::attach::unreadable;
use crate::SqlError;
use crate::sqlite::reader;

/// Reads the whole file.
///
/// # Errors
/// [`SqlError::Corrupt`] with the file's name and what SQLite found first. A published view
/// without a table has lost its content: an empty file is a sound database to SQLite.
pub(super) fn look_through(path: &Path, is_published: bool) -> Result<(), SqlError> {
    let found = reader(path).and_then(|it| damage(&it, is_published));
    let found = found.map_err(|err| unreadable(err, path))?;
    match found {
        Some(message) => Err(SqlError::Corrupt { message }.of_file(path)),
        None => Ok(()),
    }
}

fn damage(connection: &Connection, is_published: bool) -> Result<Option<String>, SqlError> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Ok(Some(found));
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0))?;
    let is_lost = is_published && tables == 0;
    Ok(is_lost.then(|| "it is published and holds no table".to_owned()))
}
