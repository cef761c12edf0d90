//! The file of one day: its form, and the ways to open it.
//!
//! `blocks` has a row a block: `slot`, lane × 2³² + rank in the day, from 1 on without gaps; `hash`
//! and `bytes`. `lasts` has a row for each lane that had blocks before this day: its last block
//! then. So a file that is gone, or lacks its end, is missed by the next.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, params};

use super::{
    folder::{has_write_ahead_log, remove},
    hash::Last,
    rows::{self, Slot},
};
use crate::{
    sqlite::{Fault, Form, connect, is_blank, keep_durable, recognise, signed},
    usage::Lane,
};

/// "CFUS" in the header of the file.
const DAY: Form = Form { application_id: 0x4346_5553, schema_version: 1, schema: include_str!("schema.sql") };

/// Opens the file of the last day for the writer; nothing if no day was begun in it.
pub(super) fn open_to_write(path: &Path) -> Result<Option<Connection>, Fault> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if is_blank(&connection)? {
        return Ok(None);
    }
    recognise(&connection, &DAY)?;
    Ok(Some(connection))
}

/// Begins a day after the last blocks of all lanes, the first lane's first.
pub(super) fn begin(path: &Path, lasts: &[Last]) -> Result<Connection, Fault> {
    clear_away(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags)?;
    DAY.begin(&mut connection, |rows| insert_lasts(rows, lasts))?;
    keep_durable(&connection)?;
    Ok(connection)
}

fn insert_lasts(connection: &Connection, lasts: &[Last]) -> rusqlite::Result<()> {
    for (last, lane) in lasts.iter().zip(0..).filter(|(last, _)| 0 < last.place.0) {
        let insert = "INSERT INTO lasts (lane, place, hash, seal) VALUES (?1, ?2, ?3, ?4)";
        let row = params![lane, signed(last.place.0), last.hash.0, last.seal(Lane(lane))];
        connection.execute(insert, row)?;
    }
    Ok(())
}

/// Removes what a beginning left that did not come to its end.
fn clear_away(path: &Path) -> Result<(), Fault> {
    if !path.exists() {
        return Ok(());
    }
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if !is_blank(&connection)? && rows::greatest_slot(&connection)?.is_some() {
        return Err(Fault::Foreign("somebody else has written blocks to it".to_owned()));
    }
    drop(connection);
    remove(path).map_err(|err| Fault::Foreign(format!("it cannot be removed: {err}")))
}

/// Opens the file of a day for reading. One that is not written any more is read as it lies,
/// without locks and companions.
pub(super) fn open_to_read(path: &Path, is_over: bool) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = if is_over && !has_write_ahead_log(path) {
        connect(&immutable(path), flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        connect(path, flags)?
    };
    recognise(&connection, &DAY)?;
    Ok(connection)
}

/// The address by which SQLite takes a file for one that nobody changes.
fn immutable(path: &Path) -> PathBuf {
    let mut address = b"file:".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => address.push(*byte),
            other => address.extend(format!("%{other:02x}").bytes()),
        }
    }
    address.extend(b"?immutable=1");
    OsString::from_vec(address).into()
}

/// Stores a block within the transaction that is open.
pub(super) fn insert(connection: &Connection, slot: Slot, last: Last, bytes: &[u8]) -> rusqlite::Result<()> {
    let insert = "INSERT INTO blocks (slot, hash, bytes) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(insert)?.execute(params![slot.0, last.hash.0, bytes]).map(drop)
}
