//! The file: what it holds, how it is recognised, and what is checked before it is used.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};

use super::{
    OpenError,
    mark::{MarkFile, Noted},
    rows,
};
use crate::ledger::Position;

/// "CFLG": what the header of every ledger file says.
const APPLICATION_ID: i32 = 0x4346_4c47;
/// The version of the schema below, counted up when it changes.
const SCHEMA_VERSION: i32 = 1;
const SCHEMA: &str = include_str!("schema.sql");
/// 3.51.3: older ones may lose a commit when the write-ahead log begins again.
const OLDEST_SQLITE: i32 = 3_051_003;
/// Pages of the write-ahead log before they are copied into the file.
const WAL_PAGES: i32 = 4_000;
/// Pages that the writer keeps in memory, as SQLite counts them when below 0: 32 MiB.
const WRITER_CACHE: i32 = -32_768;
/// How long a connection waits for a lock of another process, such as a backup.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// A ledger that its one writer may use: it was found whole.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) head: Position,
    pub(super) mark: MarkFile,
}

/// Opens the file for its one writer, makes it if there is none, and checks all of it. Nothing is
/// written to a ledger before it has passed.
pub(super) fn open_to_write(path: &Path) -> Result<Opened, OpenError> {
    let noted = Noted::beside(path);
    noted.check_presence()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags)?;
    let at = |source| engine(path, source);
    if is_blank(&connection).map_err(at)? {
        begin_ledger(&mut connection).map_err(at)?;
    }
    recognise(&connection, path)?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE).map_err(at)?;
    check_pages(&connection, path)?;
    let head = check_positions(&connection, path)?;
    noted.check(&connection, head)?;
    keep_durable(&connection, path)?;
    Ok(Opened { connection, head, mark: MarkFile::beside(path)? })
}

/// Opens the file of a ledger for reading; it must exist.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    recognise(&connection, path)?;
    Ok(connection)
}

/// The last position in the file of a ledger, if it holds what was acknowledged.
pub(super) fn head(path: &Path) -> Result<Position, OpenError> {
    let noted = Noted::beside(path);
    noted.check_presence()?;
    let connection = open_to_read(path)?;
    let head = rows::head(&connection).map_err(|source| engine(path, source))?;
    noted.check(&connection, head)?;
    Ok(head)
}

/// The path of a companion of a ledger: its own with something behind.
pub(super) fn beside(ledger: &Path, suffix: &str) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Copies the write-ahead log into the file and closes it, so that the file alone is the ledger.
/// Only for a ledger that was accepted as whole: what the log holds beyond that would be gone.
pub(super) fn fold_in_the_log(connection: Connection) {
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    match busy {
        // All is in the file: SQLite may remove the empty log as it closes.
        Ok(false) => match connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false) {
            Ok(_) => drop(connection),
            Err(error) => tracing::warn!(%error, "an empty write-ahead log stays beside the ledger"),
        },
        Ok(true) => tracing::info!("the write-ahead log stays: somebody reads the ledger"),
        Err(error) => tracing::warn!(%error, "the write-ahead log stays beside the ledger"),
    }
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { found: rusqlite::version().to_owned() });
    }
    // A connection never leaves its thread, so SQLite need not guard it.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let prepare = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(LOCK_WAIT)?;
        // Else a statement is prepared anew whenever a bound LIMIT changes.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        // SQLite would fold its write-ahead log into the file, as far as it can read it, and delete
        // it when the last connection ends: also when what it cannot read are acknowledged facts.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        Ok(connection)
    };
    prepare().map_err(|source| engine(path, source))
}

pub(super) fn engine(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            OpenError::Foreign { path, why: "it is no SQLite database".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path, why: source.to_string() },
        _ => OpenError::Engine { path, source },
    }
}

fn is_blank(connection: &Connection) -> rusqlite::Result<bool> {
    let objects: i64 = number(connection, "SELECT count(*) FROM sqlite_schema")?;
    Ok(objects == 0 && pragma(connection, "application_id")? == 0)
}

fn begin_ledger(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()
}

fn recognise(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let at = |source| engine(path, source);
    let foreign = |why: &str| OpenError::Foreign { path: path.to_owned(), why: why.to_owned() };
    if pragma(connection, "application_id").map_err(at)? != APPLICATION_ID {
        return Err(foreign("another application made it"));
    }
    let found = pragma(connection, "user_version").map_err(at)?;
    if found != SCHEMA_VERSION {
        return Err(OpenError::OtherSchema { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    if statements_of(connection).map_err(at)? != SCHEMA.trim_end() {
        return Err(foreign("its tables or triggers have been changed"));
    }
    Ok(())
}

/// The schema as it lies in the file, in the order it was made.
fn statements_of(connection: &Connection) -> rusqlite::Result<String> {
    let made = "SELECT coalesce(group_concat(sql || ';', char(10)), '')
                FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid)";
    connection.query_row(made, [], |row| row.get(0))
}

/// Commits are on the disk before they are answered, also when the power fails.
fn keep_durable(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let at = |source| engine(path, source);
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(at)?;
    if mode != "wal" {
        return Err(OpenError::NotDurable { path: path.to_owned(), mode });
    }
    connection.pragma_update(None, "synchronous", "full").map_err(at)?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES).map_err(at)
}

fn check_pages(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let verdict = "PRAGMA integrity_check(1)";
    let verdict: String =
        connection.query_row(verdict, [], |row| row.get(0)).map_err(|source| engine(path, source))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(OpenError::Damaged { path: path.to_owned(), why: verdict })
}

/// Positions are 1, 2, 3 … to the head: as many as the head says, from 1 on.
fn check_positions(connection: &Connection, path: &Path) -> Result<Position, OpenError> {
    let at = |source| engine(path, source);
    let numbers = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (records, first, head): (i64, i64, i64) =
        connection.query_row(rows::EXTENT, [], numbers).map_err(at)?;
    if first == 1 && head == records {
        return Ok(Position(rows::unsigned(head)));
    }
    let missing = number(connection, rows::FIRST_MISSING).map_err(at)?;
    let why = format!("no record at position {missing}");
    Err(OpenError::Damaged { path: path.to_owned(), why })
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

fn number(connection: &Connection, query: &str) -> rusqlite::Result<i64> {
    connection.query_row(query, [], |row| row.get(0))
}
