//! Why a file could not be opened as a ledger.

use std::{io, path::PathBuf};

/// Why a file could not be opened as a ledger. Nothing was changed in it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is something else.
    #[error("`{}` is not a ledger: {why}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead, as far as one can tell.
        why: String,
    },
    /// The file is a ledger in a form that this version does not know.
    #[error("the ledger `{}` has schema {found}, this version knows {known}", path.display())]
    OtherSchema {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: i32,
        /// The version that would have been opened.
        known: i32,
    },
    /// The file has been changed by something other than appends.
    #[error("the ledger `{}` is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found, and where.
        why: String,
    },
    /// The file system cannot hold a write-ahead log, so commits would not be durable.
    #[error("the ledger `{}` cannot be kept durably: its journal mode is {mode}", path.display())]
    NotDurable {
        /// The file.
        path: PathBuf,
        /// The mode that SQLite fell back to.
        mode: String,
    },
    /// The program was built with a SQLite that can lose commits.
    #[error("SQLite {found} may lose commits: at least 3.51.3 is needed")]
    OldSqlite {
        /// Its version.
        found: String,
    },
    /// A thread could not be started.
    #[error("failed to start a thread of the ledger")]
    Thread(#[source] io::Error),
    /// SQLite could not open or read the file.
    #[error("failed to open the ledger `{}`", path.display())]
    Engine {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
}
