//! Why a data folder cannot be used, and what to do about it.

use std::{io, path::PathBuf};

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process holds the lock.
    #[error(
        "the data folder `{}` is served by {}: stop that process or choose another folder with \
         --data",
        path.display(), holder(*.pid)
    )]
    Served {
        /// The folder.
        path: PathBuf,
        /// The process, if it has written its number.
        pid: Option<u32>,
    },
    /// Others could replace the ledger, or lay their own files beside it.
    #[error(
        "other users of this machine may write to the data folder `{path}`: `chmod go-w {path}`, or \
         choose another folder with --data",
        path = path.display()
    )]
    WritableByOthers {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to read.
    #[error("`{}` holds no ledger: name a data folder with --data", path.display())]
    NoLedger {
        /// The folder.
        path: PathBuf,
    },
    /// The system refused.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl FolderError {
    pub(super) fn io(action: &'static str, path: PathBuf, source: io::Error) -> Self {
        Self::Io { action, path, source }
    }
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
