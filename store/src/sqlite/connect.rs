//! Opening connections: who may read the file, and how durable and forgetful it is.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::SqliteMode;
use super::failure::BUSY_TIMEOUT;
use crate::SqlError;

/// Prepared statements kept by each connection.
const STATEMENTS: usize = 256;

/// The size that a write-ahead log is cut to after a large transaction, bytes.
const WAL_KEPT: u32 = 16 << 20;

/// Creates the file, readable by its owner alone, unless it is there. SQLite gives its
/// companions (`-wal`, `-shm`) the same mode.
pub(crate) fn create_private(path: &Path) -> Result<(), SqlError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match created {
        Err(err) if err.kind() != ErrorKind::AlreadyExists => {
            Err(SqlError::File { path: path.to_owned(), source: err })
        }
        _ => Ok(()),
    }
}

/// A connection that reads and writes the file as its main database.
pub(crate) fn writer(path: &Path, mode: SqliteMode) -> Result<Connection, SqlError> {
    create_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    tune(&connection, "main", mode)?;
    Ok(connection)
}

/// A connection that only reads the file as its main database.
pub(crate) fn reader(path: &Path) -> Result<Connection, SqlError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// A connection without a file.
pub(crate) fn in_memory() -> Result<Connection, SqlError> {
    in_memory_with(OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// A connection without a file; what it attaches later is opened with the same access.
pub(crate) fn in_memory_with(access: OpenFlags) -> Result<Connection, SqlError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_in_memory_with_flags(flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// What every connection keeps.
fn prepare(connection: &Connection) -> Result<(), SqlError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Journal and durability of one attached database; `schema` is a name that was checked.
pub(crate) fn tune(connection: &Connection, schema: &str, mode: SqliteMode) -> Result<(), SqlError> {
    let (synchronous, secure_delete, cache_kib) = match mode {
        SqliteMode::State => ("FULL", "ON", 2_048),
        SqliteMode::View => ("NORMAL", "OFF", 32_768),
    };
    connection.execute_batch(&format!(
        "PRAGMA {schema}.journal_mode = WAL;
         PRAGMA {schema}.synchronous = {synchronous};
         PRAGMA {schema}.secure_delete = {secure_delete};
         PRAGMA {schema}.cache_size = -{cache_kib};
         PRAGMA {schema}.journal_size_limit = {WAL_KEPT};"
    ))?;
    Ok(())
}
