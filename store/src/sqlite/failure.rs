//! What SQLite's errors mean to the callers of the seam.

use std::time::Duration;

use rusqlite::ffi::SQLITE_CONSTRAINT_DATATYPE;
use rusqlite::{Error, ErrorCode};

use crate::SqlError;

/// How long a connection waits for a lock of another process before it gives up.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(4);

impl From<Error> for SqlError {
    fn from(err: Error) -> Self {
        let message = err.to_string();
        if matches!(err, Error::Utf8Error(..)) {
            return Self::Corrupt { message };
        }
        let Some(code) = err.sqlite_error_code() else {
            return Self::engine(message, err);
        };
        let is = |codes: &[ErrorCode]| codes.contains(&code);
        // A value of another type is the caller's mistake, as it is to PostgreSQL.
        let is_type = err.sqlite_error().map(|it| it.extended_code) == Some(SQLITE_CONSTRAINT_DATATYPE);
        if is(&[ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase]) {
            Self::Corrupt { message }
        } else if is(&[ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked, ErrorCode::OperationInterrupted]) {
            Self::Unavailable { waited: BUSY_TIMEOUT }
        } else if is(&[ErrorCode::ConstraintViolation]) && !is_type {
            Self::Constraint { message }
        } else if is(&[ErrorCode::DiskFull]) {
            Self::DiskFull
        } else if is(&[ErrorCode::ReadOnly]) {
            Self::ReadOnly
        } else {
            Self::engine(message, err)
        }
    }
}

impl SqlError {
    fn engine(message: String, source: Error) -> Self {
        Self::Refused { message, source: Some(Box::new(source)) }
    }
}
