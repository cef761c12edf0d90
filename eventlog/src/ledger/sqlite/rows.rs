//! Rows of the file: the statements that read them, and records from them.

use bytes::Bytes;
use rusqlite::{Connection, ErrorCode, Row, params};

use crate::{
    ledger::{Leaf, Limit, Page, Position, ReadError, StoredRecord, StreamName, Version, port::Filling},
    sqlite::{signed, unsigned},
};

pub(super) const HEAD: &str = "SELECT coalesce(max(position), 0) FROM records";
pub(super) const EXTENT: &str =
    "SELECT count(*), coalesce(min(position), 1), coalesce(max(position), 0) FROM records";
pub(super) const FIRST_MISSING: &str = "SELECT coalesce(min(rank), 0) FROM
     (SELECT position, row_number() OVER (ORDER BY position) AS rank FROM records)
     WHERE position <> rank";
const LEAF: &str = "SELECT coalesce(max(leaf), x'') FROM records WHERE position = ?1";
pub(super) const LAST_VERSION: &str = "SELECT coalesce(max(version), 0) FROM records WHERE stream = ?1";
const AFTER_POSITION: &str = "SELECT position, stream, version, event_id, leaf, bytes
     FROM records WHERE ?1 < position ORDER BY position LIMIT ?2";
const AFTER_VERSION: &str = "SELECT position, stream, version, event_id, leaf, bytes
     FROM records WHERE stream = ?1 AND ?2 < version ORDER BY version LIMIT ?3";
/// Records of one stream per statement: a longer one would hold the write-ahead log back.
const STREAM_PAGE: usize = 1_000;

/// One page of the log.
pub(super) fn read_all(connection: &Connection, after: Position, limit: Limit) -> Result<Page, ReadError> {
    let records =
        page_after(connection, after, limit).map_err(|failure| failure.into_read_error(after.next()))?;
    // Asked after the page, so that it is never behind the page.
    let head = head(connection).map_err(|err| unavailable(&err))?;
    if head < after {
        return Err(ReadError::Beyond { asked: after, head });
    }
    Ok(Page { records, head })
}

/// The position of the last record in the file.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Position> {
    let head = connection.prepare_cached(HEAD)?.query_row([], |row| row.get(0))?;
    Ok(Position(unsigned(head)))
}

/// The leaf beside the record at a position; empty if there is no such record.
pub(super) fn leaf(connection: &Connection, position: Position) -> rusqlite::Result<Vec<u8>> {
    connection.query_row(LEAF, [signed(position.0)], |row| row.get(0))
}

fn page_after(connection: &Connection, after: Position, limit: Limit) -> Result<Vec<StoredRecord>, Failure> {
    let most = signed(limit.records.max(1) as u64);
    let mut statement = connection.prepare_cached(AFTER_POSITION)?;
    let mut rows = statement.query(params![signed(after.0), most])?;
    let mut page: Vec<StoredRecord> = Vec::new();
    let mut filling = Filling::default();
    let mut expected = after.next();
    while let Some(row) = rows.next()? {
        if !filling.takes(limit, row.get_ref(5)?.as_bytes().map_or(0, <[u8]>::len)) {
            break;
        }
        let record = record(row, page.last().map(|it| &it.stream))?;
        if record.position != expected {
            return Err(damaged(expected, "there is no such record"));
        }
        expected = expected.next();
        page.push(record);
    }
    Ok(page)
}

/// The version that a stream has in the file.
pub(super) fn version(connection: &Connection, stream: &StreamName) -> Result<Version, ReadError> {
    let mut statement = connection.prepare_cached(LAST_VERSION).map_err(|err| unavailable(&err))?;
    let version = statement.query_row([stream.as_str()], |row| row.get(0));
    version.map(|number| Version(unsigned(number))).map_err(|err| unavailable(&err))
}

/// All records of a stream after a version, page by page.
pub(super) fn read_stream(
    connection: &Connection,
    stream: &StreamName,
    after: Version,
) -> Result<Vec<StoredRecord>, ReadError> {
    let mut records = Vec::new();
    let mut reached = after;
    loop {
        let found = stream_page(connection, stream, reached, &mut records)
            .map_err(|failure| failure.into_read_error(Position(0)))?;
        if found < STREAM_PAGE {
            return Ok(records);
        }
        reached = reached.plus(found);
    }
}

fn stream_page(
    connection: &Connection,
    stream: &StreamName,
    after: Version,
    records: &mut Vec<StoredRecord>,
) -> Result<usize, Failure> {
    let mut statement = connection.prepare_cached(AFTER_VERSION)?;
    let bounds = params![stream.as_str(), signed(after.0), signed(STREAM_PAGE as u64)];
    let mut rows = statement.query(bounds)?;
    let mut expected = after.next();
    let mut found = 0;
    while let Some(row) = rows.next()? {
        let record = record(row, Some(stream))?;
        if record.version != expected {
            let why = format!("version {expected} of stream {stream} is missing before it");
            return Err(damaged(record.position, &why));
        }
        expected = expected.next();
        found += 1;
        records.push(record);
    }
    Ok(found)
}

/// The record in a row, if its bytes are still those that were appended.
fn record(row: &Row<'_>, near: Option<&StreamName>) -> Result<StoredRecord, Failure> {
    let position = Position(unsigned(row.get(0)?));
    let leaf = Leaf(exactly(row, 4, position, "leaf")?);
    let bytes = row.get_ref(5)?.as_bytes().map_err(|_| damaged(position, "its bytes are none"))?;
    if Leaf::of(bytes) != leaf {
        return Err(damaged(position, "its bytes do not fit its leaf"));
    }
    let stream = row.get_ref(1)?.as_str().map_err(|_| damaged(position, "its stream has no name"))?;
    Ok(StoredRecord {
        position,
        // Most neighbours share a stream, and then its text.
        stream: near.filter(|it| it.as_str() == stream).cloned().unwrap_or_else(|| StreamName::new(stream)),
        version: Version(unsigned(row.get(2)?)),
        event_id: exactly(row, 3, position, "event id")?,
        leaf,
        bytes: Bytes::copy_from_slice(bytes),
    })
}

fn exactly<const N: usize>(
    row: &Row<'_>,
    column: usize,
    position: Position,
    name: &str,
) -> Result<[u8; N], Failure> {
    let bytes = row.get_ref(column)?.as_blob().ok().and_then(|it| it.try_into().ok());
    bytes.ok_or_else(|| damaged(position, &format!("its {name} is not {N} bytes long")))
}

/// What stops a read: the engine, or a record that is not as it was appended.
enum Failure {
    Engine(rusqlite::Error),
    Damaged(ReadError),
}

impl From<rusqlite::Error> for Failure {
    fn from(err: rusqlite::Error) -> Self {
        Self::Engine(err)
    }
}

impl Failure {
    /// The error for the caller; pages that SQLite itself finds torn are damage where we stood.
    fn into_read_error(self, stood: Position) -> ReadError {
        match self {
            Self::Damaged(error) => error,
            Self::Engine(err) if err.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                ReadError::Damaged { position: stood, why: err.to_string() }
            }
            Self::Engine(err) => unavailable(&err),
        }
    }
}

fn damaged(position: Position, why: &str) -> Failure {
    Failure::Damaged(ReadError::Damaged { position, why: why.to_owned() })
}

fn unavailable(err: &rusqlite::Error) -> ReadError {
    ReadError::Unavailable(err.to_string())
}
