//! The file: what it holds, how it is recognised, and what is checked before it is used.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{
    OpenError,
    checking::Checking,
    mark::{Noted, note_beside},
    rows,
};
use crate::{
    ledger::Position,
    sqlite::{self, Form, MarkFile, number},
};

/// "CFLG" in the header of the file.
const LEDGER: Form =
    Form { application_id: 0x4346_4c47, schema_version: 1, schema: include_str!("schema.sql") };
/// Pages that the writer keeps in memory, as SQLite counts them when below 0: 32 MiB.
const WRITER_CACHE: i32 = -32_768;

/// A ledger that its one writer may use.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) head: Position,
    pub(super) mark: MarkFile,
}

/// When all pages of a ledger are checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// Before anything is written to it.
    Before,
    /// Whenever [`check`] is called.
    Later,
}

/// Opens the file for its one writer, and makes it if there is none. That it is a ledger and holds what was
/// acknowledged is checked in any case.
pub(super) fn open_to_write(path: &Path, checked: Checked) -> Result<Opened, OpenError> {
    let noted = Noted::beside(path);
    noted.check_presence()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags)?;
    let at = |source| engine(path, source);
    if sqlite::is_blank(&connection).map_err(at)? {
        LEDGER.begin(&mut connection, |_| Ok(())).map_err(at)?;
    }
    recognise(&connection, path)?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE).map_err(at)?;
    if checked == Checked::Before {
        check_pages(&connection, path)?;
        check_positions(&connection, path)?;
    }
    let head = rows::head(&connection).map_err(at)?;
    noted.check(&connection, head)?;
    sqlite::keep_durable(&connection).map_err(|fault| OpenError::of(path, fault))?;
    Ok(Opened { connection, head, mark: note_beside(path)? })
}

/// Checks all pages of a ledger, and that no position is missing. Takes seconds for each million records, on the
/// thread of the caller, unless `checking` is closed meanwhile.
pub(super) fn check(path: &Path, checking: &Checking) -> Result<(), OpenError> {
    let at = |source| engine(path, source);
    checking.go_on().map_err(at)?;
    let connection = open_to_read(path)?;
    for step in [check_pages, check_positions] {
        checking.go_on_with(&connection).map_err(at)?;
        step(&connection, path)?;
    }
    Ok(())
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

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    sqlite::connect(path, access).map_err(|fault| OpenError::of(path, fault))
}

pub(super) fn engine(path: &Path, source: rusqlite::Error) -> OpenError {
    OpenError::of(path, source.into())
}

fn recognise(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    sqlite::recognise(connection, &LEDGER).map_err(|fault| OpenError::of(path, fault))
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
fn check_positions(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let at = |source| engine(path, source);
    let numbers = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (records, first, head): (i64, i64, i64) =
        connection.query_row(rows::EXTENT, [], numbers).map_err(at)?;
    if first == 1 && head == records {
        return Ok(());
    }
    let missing = number(connection, rows::FIRST_MISSING).map_err(at)?;
    let why = format!("no record at position {missing}");
    Err(OpenError::Damaged { path: path.to_owned(), why })
}
