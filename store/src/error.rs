//! Why a statement, a view or the state could not be read or written.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A failure of the SQL seam.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The engine is locked by somebody else or did not answer in time.
    ///
    /// A transaction that had begun may or may not have been applied; statements are written so
    /// that saying them again is safe.
    #[error("the SQL engine did not answer within {} ms", waited.as_millis())]
    Unavailable {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The engine or the view behind this handle was closed or discarded.
    #[error("the database behind this handle is closed")]
    Closed,
    /// A statement changed another number of rows than it must; nothing was applied.
    #[error("statement {statement} changed {affected} rows, not {expected}")]
    Unexpected {
        /// Index of the statement in its transaction, from 0.
        statement: usize,
        /// Rows it must change.
        expected: u64,
        /// Rows it changed.
        affected: u64,
    },
    /// A unique, primary-key, not-null or check constraint refused a row; nothing was applied.
    #[error("a constraint refused the statement: {message}")]
    Constraint {
        /// What the engine says.
        message: String,
    },
    /// The database file is not a database, or is malformed.
    ///
    /// A view is discarded and rebuilt; the state is restored from a backup.
    #[error("the database is corrupt: {message}")]
    Corrupt {
        /// What the engine says, and where.
        message: String,
    },
    /// There is no space left for the database; nothing was applied.
    #[error("no space is left for the database")]
    DiskFull,
    /// A statement that writes was given to a handle that only reads.
    #[error("this handle only reads")]
    ReadOnly,
    /// A query names a projection of which no version is published.
    #[error("no version of the view `{projection}` is published")]
    Unpublished {
        /// The projection's name.
        projection: String,
    },
    /// A view cannot be published or checked because it was never written.
    #[error("version {version} of the view `{projection}` does not exist")]
    NotBuilt {
        /// The projection's name.
        projection: String,
        /// The version asked for.
        version: u32,
    },
    /// A projection's name is not `[a-z][a-z0-9_]*` of at most 63 bytes.
    #[error("`{name}` is no name for a projection")]
    ProjectionName {
        /// The name that was refused.
        name: String,
    },
    /// A column holds another type than the reader asked for, or does not exist.
    #[error("column {index} is {found}, not {expected}")]
    Column {
        /// Index of the column, from 0.
        index: usize,
        /// The type asked for.
        expected: &'static str,
        /// The type it has, or "absent".
        found: &'static str,
    },
    /// The schema was written by a newer program.
    #[error("the schema is at step {found}; this program knows {known}")]
    NewerSchema {
        /// The newest step applied to the database.
        found: i64,
        /// The newest step this program knows.
        known: i64,
    },
    /// A file of the store could not be created, read or removed.
    #[error("failed to use `{}`", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// The engine refused the statement, or failed while it ran; nothing was applied.
    #[error("the SQL engine refused: {message}")]
    Refused {
        /// What is wrong, as far as it is known here.
        message: String,
        /// The engine's own error, where there is one.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl SqlError {
    /// Says which file it is that is corrupt.
    pub(crate) fn of_file(self, path: &Path) -> Self {
        if let Self::Corrupt { message } = self {
            let message = format!("{}: {message}", path.display());
            return Self::Corrupt { message };
        }
        self
    }

    /// A refusal that this crate found itself, without an engine's error beneath.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), source: None }
    }
}
