//! Why a SQLite file cannot be used; each log says it in its own words.

use rusqlite::{ErrorCode, ffi};

/// Why a file cannot be used, without its path.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is something else; the text says what.
    Foreign(String),
    /// It is in a form that this version does not know.
    OtherSchema {
        /// The version of its schema.
        found: i32,
        /// The version that would have been opened.
        known: i32,
    },
    /// It was changed by something other than appends; the text says what was found.
    Damaged(String),
    /// Its file system cannot hold a write-ahead log; the mode is what SQLite fell back to.
    NotDurable(String),
    /// SQLite itself, of this version, can lose commits.
    OldSqlite(String),
    /// What else SQLite says.
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(source: rusqlite::Error) -> Self {
        if matches!(
            source,
            rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::IntegralValueOutOfRange(..)
        ) {
            return Self::Damaged(source.to_string());
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign("it is no SQLite database".to_owned()),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(source.to_string()),
            _ => Self::Engine(source),
        }
    }
}

/// Whether a commit failed after it was flushed, for want of space for SQLite's shared memory.
pub(crate) fn lacks_shared_memory(err: &rusqlite::Error) -> bool {
    let extended = err.sqlite_error().map(|it| it.extended_code);
    matches!(extended, Some(ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_SHMMAP))
}
