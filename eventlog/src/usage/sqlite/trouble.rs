//! Why a block was not stored, and whether the writer may go on.

use std::path::Path;

use rusqlite::{ErrorCode, ffi};

use super::{OpenError, ballast::free};
use crate::{
    sqlite::{Fault, Status, lacks_shared_memory},
    usage::AppendError,
};

/// Less free space than this is none: SQLite cannot make even its shared memory.
const NO_SPACE: u64 = 256 << 10;

/// Why a block was not stored. Nothing of it is left, unless it says so.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no space; the next block may pass.
    Full,
    /// It is one of the errors that a full disk causes too: [`resolve`](Self::resolve) finds out.
    MaybeFull(AppendError),
    /// The next block may pass.
    Passing(AppendError),
    /// The writer must not go on.
    Final(AppendError),
}

impl Trouble {
    /// A statement before the commit failed, and was rolled back.
    pub(super) fn nothing_stored(err: &rusqlite::Error) -> Self {
        let unavailable = AppendError::Unavailable(err.to_string());
        let extended = err.sqlite_error().map(|it| it.extended_code);
        if extended == Some(ffi::SQLITE_CONSTRAINT_PRIMARYKEY) {
            let why = "another process writes to the same usage log".to_owned();
            return Self::Final(AppendError::Unavailable(why));
        }
        match err.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => Self::MaybeFull(unavailable),
            _ => Self::Passing(unavailable),
        }
    }

    /// A commit failed. A full disk leaves it incomplete, which is as good as none; and so does one
    /// that is too full for the shared memory in which SQLite finds its write-ahead log again.
    /// After anything else nobody can say what is on the disk: what could not be flushed may be gone
    /// from memory too, so that a second try would succeed without having written it. It is never
    /// retried.
    pub(super) fn of_commit(err: &rusqlite::Error) -> Result<(), Self> {
        match err.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Err(Self::Full),
            _ if lacks_shared_memory(err) => {
                Err(Self::MaybeFull(AppendError::Unknown(format!("the commit failed: {err}"))))
            }
            _ => Err(Self::unknown(err)),
        }
    }

    /// Nobody can say what is stored.
    pub(super) fn unknown(err: &rusqlite::Error) -> Self {
        Self::Final(AppendError::Unknown(format!("the commit failed: {err}")))
    }

    /// The file of a day could not be begun.
    pub(super) fn at_beginning(path: &Path, fault: Fault) -> Self {
        if let Fault::Engine(err) = &fault {
            return Self::nothing_stored(err);
        }
        Self::Passing(AppendError::Unavailable(OpenError::of(path, fault).with_causes()))
    }

    /// Finds out whether it is for lack of space.
    pub(super) fn resolve(self, folder: &Path) -> Self {
        let Self::MaybeFull(error) = self else { return self };
        if free(folder) < NO_SPACE {
            return Self::Full;
        }
        let is_open = matches!(error, AppendError::Unknown(_));
        if is_open { Self::Final(error) } else { Self::Passing(error) }
    }

    /// What the caller is told; the writer stops where it must.
    pub(super) fn noted(self, status: &Status) -> AppendError {
        match self {
            Self::Full => {
                tracing::warn!("a block of the usage log was refused: there is no space left");
                AppendError::Full
            }
            Self::MaybeFull(error) | Self::Passing(error) => {
                tracing::warn!(%error, "a block of the usage log was refused");
                error
            }
            Self::Final(error) => {
                tracing::error!(%error, "the usage log takes no more blocks until the next start");
                status.stop(format!("it was stopped at an earlier failure: {error}"));
                error
            }
        }
    }
}
