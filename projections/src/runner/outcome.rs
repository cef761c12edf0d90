//! What stops a projection, and what is to be done about it.

use std::error::Error;

use eventlog::Position;
use store::SqlError;

use super::SourceError;

/// Why a projection does not go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// It was asked to.
    Shutdown,
    /// It must not: somebody has to act.
    Halt {
        /// The position that it cannot pass.
        at: Position,
        /// Why.
        why: String,
    },
    /// A row of the view cannot be read: it is built again beside what is served.
    Unreadable {
        /// The position that it cannot pass.
        at: Position,
        /// Which row, and why.
        why: String,
    },
    /// It cannot now; the same is tried again.
    Retry(String),
    /// It has lost hold of the view, which is opened anew.
    Reopen(String),
    /// The view is not to be trusted: it is discarded and built again.
    Discard(String),
}

impl Stop {
    /// What a failure of the view's database means while facts up to `at` are folded.
    pub(super) fn of_sql(err: &SqlError, at: Position) -> Self {
        let why = chain(err);
        match err {
            SqlError::Corrupt { .. } | SqlError::Column { .. } | SqlError::NotBuilt { .. } => {
                Self::Discard(why)
            }
            SqlError::Closed | SqlError::File { .. } => Self::Reopen(why),
            SqlError::Unavailable { .. }
            | SqlError::DiskFull
            | SqlError::Refused { .. }
            | SqlError::Unpublished { .. } => Self::Retry(why),
            SqlError::Unexpected { .. } => another_owner(at),
            SqlError::Constraint { .. }
            | SqlError::ReadOnly
            | SqlError::ProjectionName { .. }
            | SqlError::NewerSchema { .. } => Self::Halt { at, why },
        }
    }

    /// What it means that the log cannot be read.
    pub(super) fn of_source(err: SourceError) -> Self {
        match err {
            SourceError::Damaged { at, why } => Self::Halt { at, why },
            SourceError::Foreign(why) => Self::Discard(why),
            SourceError::Unavailable(why) => Self::Retry(why),
        }
    }
}

/// The checkpoint is not where this owner left it.
pub(super) fn another_owner(at: Position) -> Stop {
    Stop::Halt { at, why: "another owner has moved the checkpoint".to_owned() }
}

/// An error with all that it was caused by, as one line.
pub fn chain(err: &dyn Error) -> String {
    let mut text = err.to_string();
    let mut source = err.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
