//! Why a file could not be opened as a ledger.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{ledger::Position, sqlite::Fault};

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
    /// The ledger lost its end: it lacks records that callers were told are durable.
    #[error(
        "the ledger `{}` ends at position {head}, but `{}` says that position {seen} was acknowledged: facts \
         are lost, or its write-ahead log is damaged or gone. Leave all files as they are and put back the \
         ledger with the `-wal` file that was beside it, or restore a backup; to go on from a backup that is \
         older, remove the mark `{}` first",
        path.display(), mark.display(), mark.display()
    )]
    Shorter {
        /// The file.
        path: PathBuf,
        /// The file that says what was acknowledged.
        mark: PathBuf,
        /// The last position that there is.
        head: Position,
        /// The last position that was acknowledged.
        seen: Position,
    },
    /// The ledger holds another record than was acknowledged.
    #[error(
        "the ledger `{}` holds another record at position {position} than `{}` says was acknowledged there: it \
         is another ledger, or facts were changed. Put back the ledger with the `-wal` file that was beside \
         it, or restore a backup; if it is this ledger that is meant, remove the mark `{}` first",
        path.display(), mark.display(), mark.display()
    )]
    OtherRecord {
        /// The file.
        path: PathBuf,
        /// The file that says what was acknowledged.
        mark: PathBuf,
        /// Where.
        position: Position,
    },
    /// The file that says what was acknowledged cannot be written.
    #[error("failed to open the mark of the ledger, `{}`", path.display())]
    NoMark {
        /// That file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
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

impl OpenError {
    /// What is wrong with the file of a ledger.
    pub(super) fn of(path: &Path, fault: Fault) -> Self {
        let path = path.to_owned();
        match fault {
            Fault::Foreign(why) => Self::Foreign { path, why },
            Fault::OtherSchema { found, known } => Self::OtherSchema { path, found, known },
            Fault::Damaged(why) => Self::Damaged { path, why },
            Fault::NotDurable(mode) => Self::NotDurable { path, mode },
            Fault::OldSqlite(found) => Self::OldSqlite { found },
            Fault::Engine(source) => Self::Engine { path, source },
        }
    }

    /// Whether it is the file that is not what it should be, rather than the system that did not let it be seen.
    pub fn is_of_the_file(&self) -> bool {
        match self {
            Self::Foreign { .. }
            | Self::OtherSchema { .. }
            | Self::Damaged { .. }
            | Self::Shorter { .. }
            | Self::OtherRecord { .. } => true,
            Self::NoMark { .. }
            | Self::NotDurable { .. }
            | Self::OldSqlite { .. }
            | Self::Thread(_)
            | Self::Engine { .. } => false,
        }
    }
}
