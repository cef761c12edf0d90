//! Why the keys cannot be used. No message ever holds a key.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Others may read or write it.
    #[error("`{path}` may be read or changed by other users: `chmod {mode} {path}`", path = path.display())]
    NotPrivate {
        /// The file or folder.
        path: PathBuf,
        /// The mode it should have.
        mode: &'static str,
    },
    /// Some keys are there and some are not.
    #[error(
        "`{}` lacks {}: what was made under these keys can be neither verified nor read without \
         them, so none are made anew; put the missing files back from the backup of the keys",
        dir.display(), files.join(", ")
    )]
    SomeMissing {
        /// The folder.
        dir: PathBuf,
        /// The missing files' names.
        files: Vec<String>,
    },
    /// There are no keys, but there is a ledger that needs them.
    #[error(
        "`{}` holds no keys, but the ledger was written under some: with new ones no token in it \
         could be verified and no text read; put the keys back from their backup or name their \
         folder with keys.dir",
        dir.display()
    )]
    NoneForLedger {
        /// The folder.
        dir: PathBuf,
    },
    /// The file is not what its name says.
    #[error("`{}` is not a key file for the purpose `{purpose}`: put it back from the backup of the keys", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// The purpose that was expected.
        purpose: &'static str,
    },
    /// A key file that this version does not use.
    #[error("`{}` is not used by this version: move it out of the folder", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness.
    #[error("the system gave no randomness: {0}")]
    Randomness(getrandom::Error),
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

impl KeyError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}
