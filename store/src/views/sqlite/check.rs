//! Looking through a view's file for damage.

use std::path::Path;

use crate::SqlError;
use crate::sqlite::reader;

/// Reads the whole file.
///
/// # Errors
/// [`SqlError::Corrupt`] with the file's name and what SQLite found first. A published view
/// without a table has lost its content: an empty file is a sound database to SQLite.
pub(super) fn look_through(path: &Path, is_published: bool) -> Result<(), SqlError> {
    let connection = reader(path)?;
    let corrupt = |message: String| SqlError::Corrupt { message: format!("{}: {message}", path.display()) };
    let failed = |err: rusqlite::Error| match SqlError::from(err) {
        SqlError::Corrupt { message } => corrupt(message),
        other => other,
    };
    let found: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if found != "ok" {
        return Err(corrupt(found));
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if is_published && tables == 0 {
        return Err(corrupt("it is published and holds no table".to_owned()));
    }
    Ok(())
}
