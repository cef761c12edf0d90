//! Why a folder could not be opened as a usage log.

use std::{
    error::Error as _,
    io,
    path::{Path, PathBuf},
};

use crate::{
    sqlite::Fault,
    usage::{Lane, Place},
};

/// Why a folder could not be opened as a usage log. No block was changed in it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file is something else.
    #[error("`{}` is not a day of the usage log: {why}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead, as far as one can tell.
        why: String,
    },
    /// A file is in a form that this version does not know.
    #[error("the usage log `{}` has schema {found}, this version knows {known}", path.display())]
    OtherSchema {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: i32,
        /// The version that would have been opened.
        known: i32,
    },
    /// A file has been changed by something other than appends.
    #[error("the usage log `{}` is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found, and where.
        why: String,
    },
    /// The log lost its end: it lacks blocks that were acknowledged as durable.
    #[error(
        "lane {lane} of the usage log `{}` ends at place {head}, but `{}` says that place {seen} was \
         acknowledged: blocks are lost, or a write-ahead log is damaged or gone. Leave all files as they are \
         and put back the files that were beside each other, or restore a backup; to go on from a backup that \
         is older, remove the mark `{}` first",
        folder.display(), mark.display(), mark.display()
    )]
    Shorter {
        /// The folder.
        folder: PathBuf,
        /// The file that says what was acknowledged.
        mark: PathBuf,
        /// In which lane.
        lane: Lane,
        /// The last place that there is.
        head: Place,
        /// The last place that was acknowledged.
        seen: Place,
    },
    /// The log holds another block than was acknowledged, or none.
    #[error(
        "lane {lane} of the usage log `{}` does not hold at place {place} the block that `{}` says was \
         acknowledged there: it is another log, or blocks were changed. Put back the files that were beside \
         each other, or restore a backup; if it is this log that is meant, remove the mark `{}` first",
        folder.display(), mark.display(), mark.display()
    )]
    OtherBlock {
        /// The folder.
        folder: PathBuf,
        /// The file that says what was acknowledged.
        mark: PathBuf,
        /// In which lane.
        lane: Lane,
        /// Where.
        place: Place,
    },
    /// The file system cannot hold a write-ahead log, so commits would not be durable.
    #[error("the usage log `{}` cannot be kept durably: its journal mode is {mode}", path.display())]
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
    #[error("failed to start a thread of the usage log")]
    Thread(#[source] io::Error),
    /// The folder, its mark or its ballast could not be opened.
    #[error("failed to open `{}` of the usage log", path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// SQLite could not open or read a file.
    #[error("failed to open the usage log `{}`", path.display())]
    Engine {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
}

impl OpenError {
    /// What is wrong with the file of a day.
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

    /// What it says, and what it comes from.
    pub(super) fn with_causes(&self) -> String {
        match self.source() {
            Some(source) => format!("{self}: {source}"),
            None => self.to_string(),
        }
    }

    /// What the system says of a path.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
