//! Why the file cannot be used, and what to do about it. No message ever holds what the file holds.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenFileError {
    /// It holds something that is not ours to replace.
    #[error(
        "`{}` holds something else than an operator's token: name another file with \
         --operator-token-file, or move this one away",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It is a link, a folder, a pipe.
    #[error(
        "`{}` is not a regular file: name another one with --operator-token-file, or remove it",
        path.display()
    )]
    NotAFile {
        /// What is there.
        path: PathBuf,
        /// What the system says, where it did not open it.
        source: Option<io::Error>,
    },
    /// Somebody else knows what it holds, and can change it.
    #[error(
        "`{}` belongs to another user, who may have prepared the token in it: remove it, or name another file \
         with --operator-token-file",
        path.display()
    )]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Others may know what it holds, or have put it there.
    #[error(
        "`{path}` may be read or changed by other users: `chmod 600 {path}` if the token in it is known to nobody \
         else, or remove it",
        path = path.display()
    )]
    NotPrivate {
        /// The file.
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

impl TokenFileError {
    pub(super) fn not_a_file(path: &Path, source: Option<io::Error>) -> Self {
        Self::NotAFile { path: path.to_owned(), source }
    }
}

pub(super) fn foreign(path: &Path) -> TokenFileError {
    TokenFileError::Foreign { path: path.to_owned() }
}

pub(super) fn failed(action: &'static str, path: &Path, source: io::Error) -> TokenFileError {
    TokenFileError::Io { action, path: path.to_owned(), source }
}
