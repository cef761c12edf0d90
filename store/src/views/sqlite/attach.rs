//! A connection with views attached under their projections' names.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::Connection;

use crate::sqlite::{create_private, tune};
use crate::{SqlError, SqliteMode};

/// Attaches the file, read-write, to a new connection that holds nothing else.
pub(super) fn writer(projection: &str, path: &Path) -> Result<Connection, SqlError> {
    create_private(path)?;
    let connection = crate::sqlite::in_memory()?;
    attach(&connection, projection, path)?;
    tune(&connection, projection, SqliteMode::View).map_err(|err| unreadable(err, path))?;
    Ok(connection)
}

/// Attaches the file under the projection's name, which was checked.
pub(super) fn attach(connection: &Connection, projection: &str, path: &Path) -> Result<(), SqlError> {
    let sql = format!("ATTACH DATABASE ?1 AS {projection}");
    let Some(text) = path.to_str() else {
        return Err(SqlError::refused("the path of a view must be UTF-8"));
    };
    connection.execute(&sql, [text]).map(drop).map_err(|err| unreadable(err.into(), path))
}

pub(super) fn detach(connection: &Connection, projection: &str) -> Result<(), SqlError> {
    connection.execute(&format!("DETACH DATABASE {projection}"), [])?;
    Ok(())
}

/// What a failure to open a view's file says of the file. One that is gone, or that the system
/// gives us and SQLite does not take (a damaged header looks like another format, or like one
/// that only newer versions write), is as bad as one that is malformed.
pub(super) fn unreadable(err: SqlError, path: &Path) -> SqlError {
    let opened = File::open(path);
    let is_gone = opened.as_ref().is_err_and(|it| it.kind() == ErrorKind::NotFound);
    let is_refused = matches!(err, SqlError::Refused { .. } | SqlError::ReadOnly);
    if is_gone || (is_refused && opened.is_ok()) {
        let message = err.to_string();
        return SqlError::Corrupt { message }.of_file(path);
    }
    err.of_file(path)
}
