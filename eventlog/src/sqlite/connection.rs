//! Connections, and the form that a file has.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use super::Fault;

/// 3.51.3: older ones may lose a commit when the write-ahead log begins again.
const OLDEST_SQLITE: i32 = 3_051_003;
/// Pages of the write-ahead log before they are copied into the file.
const WAL_PAGES: i32 = 4_000;
/// How long a connection waits for a lock of another process, such as a backup.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// What the files of one kind look like.
pub(crate) struct Form {
    /// What the header of every such file says.
    pub(crate) application_id: i32,
    /// The version of the schema, counted up when it changes.
    pub(crate) schema_version: i32,
    /// The statements that make it.
    pub(crate) schema: &'static str,
}

impl Form {
    /// Gives a blank file this form and its first rows, or leaves it blank.
    pub(crate) fn begin(
        &self,
        connection: &mut Connection,
        first_rows: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(self.schema)?;
        transaction.pragma_update(None, "application_id", self.application_id)?;
        transaction.pragma_update(None, "user_version", self.schema_version)?;
        first_rows(&transaction)?;
        transaction.commit()
    }
}

/// Opens a file as every connection of ours is. It never leaves its thread, so SQLite need not
/// guard it; and it folds nothing by itself when it ends.
pub(crate) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, Fault> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Fault::OldSqlite(rusqlite::version().to_owned()));
    }
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(LOCK_WAIT)?;
    // Else a statement is prepared anew whenever a bound LIMIT changes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // SQLite would fold its write-ahead log into the file, as far as it can read it, and delete
    // it when the last connection ends: also when what it cannot read are acknowledged facts.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// Whether nothing has been made in the file.
pub(crate) fn is_blank(connection: &Connection) -> rusqlite::Result<bool> {
    let objects = number(connection, "SELECT count(*) FROM sqlite_schema")?;
    Ok(objects == 0 && pragma(connection, "application_id")? == 0)
}

/// Whether the file has that form, to the letter.
pub(crate) fn recognise(connection: &Connection, form: &Form) -> Result<(), Fault> {
    if pragma(connection, "application_id")? != form.application_id {
        return Err(Fault::Foreign("another application made it".to_owned()));
    }
    let (found, known) = (pragma(connection, "user_version")?, form.schema_version);
    if found != known {
        return Err(Fault::OtherSchema { found, known });
    }
    if statements_of(connection)? != form.schema.trim_end() {
        return Err(Fault::Foreign("its tables or triggers have been changed".to_owned()));
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
pub(crate) fn keep_durable(connection: &Connection) -> Result<(), Fault> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::NotDurable(mode));
    }
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?)
}

/// Copies the write-ahead log into the file and closes it, so that the file alone is the log.
/// Only for a file that was accepted as whole: what the log holds beyond that would be gone.
pub(crate) fn fold_in_the_log(connection: Connection) {
    match checkpoint(&connection) {
        // All is in the file: SQLite may remove the empty log as it closes.
        Ok(false) => match connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false) {
            Ok(_) => drop(connection),
            Err(error) => tracing::warn!(%error, "an empty write-ahead log stays beside its file"),
        },
        Ok(true) => tracing::info!("a write-ahead log stays: somebody reads its file"),
        Err(error) => tracing::warn!(%error, "a write-ahead log stays beside its file"),
    }
}

/// Copies the write-ahead log into the file, if that needs no waiting; says whether it is empty.
pub(crate) fn try_fold(connection: &Connection) -> bool {
    let folded = connection.busy_timeout(Duration::ZERO).and_then(|()| checkpoint(connection));
    let patient = connection.busy_timeout(LOCK_WAIT);
    folded.is_ok_and(|is_busy| !is_busy) && patient.is_ok()
}

/// Whether somebody kept the whole log from being copied and emptied.
fn checkpoint(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// The one number that a query yields.
pub(crate) fn number(connection: &Connection, query: &str) -> rusqlite::Result<i64> {
    connection.query_row(query, [], |row| row.get(0))
}
