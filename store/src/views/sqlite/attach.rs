//! A connection with views attached under their projections' names.

use std::path::Path;

use rusqlite::Connection;

use crate::sqlite::{create_private, tune};
use crate::{SqlError, SqliteMode};

/// Attaches the file, read-write, to a new connection that holds nothing else.
pub(super) fn writer(projection: &str, path: &Path) -> Result<Connection, SqlError> {
    create_private(path)?;
    let connection = crate::sqlite::in_memory()?;
    attach(&connection, projection, path)?;
    tune(&connection, projection, SqliteMode::View).map_err(|err| err.of_file(path))?;
    Ok(connection)
}

/// Attaches the file under the projection's name, which was checked.
pub(super) fn attach(connection: &Connection, projection: &str, path: &Path) -> Result<(), SqlError> {
    let sql = format!("ATTACH DATABASE ?1 AS {projection}");
    let Some(text) = path.to_str() else {
        return Err(SqlError::refused("the path of a view must be UTF-8"));
    };
    connection.execute(&sql, [text]).map(drop).map_err(|err| missing(err.into(), path))
}

pub(super) fn detach(connection: &Connection, projection: &str) -> Result<(), SqlError> {
    connection.execute(&format!("DETACH DATABASE {projection}"), [])?;
    Ok(())
}

/// A file that is gone is as bad as one that cannot be read.
fn missing(err: SqlError, path: &Path) -> SqlError {
    if path.is_file() {
        return err.of_file(path);
    }
    SqlError::Corrupt { message: format!("{}: the file is missing", path.display()) }
}
