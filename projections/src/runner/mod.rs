//! The runner of projections: one task each, which folds a log into the rows of a view.
//!
//! A log is a [`Source`]: the ledger as its [`Feed`](crate::feed::Feed), or a lane of the usage log. A
//! [`Projector`] is a pure fold over keyed rows. The runner does the rest: it loads the rows that a page
//! of events needs, folds, and writes each changed row once, in one transaction with the checkpoint. The
//! checkpoint moves from exactly the position that the page was read after, so that of two owners one
//! stops. A view is disposable: one that is damaged, or that knows more than its log, is discarded and
//! built again, and the log says why; one with a row that cannot be read is built again beside what is served.
//!
//! No query runs a projector. A query waits for a position ([`Handle::wait_for`]) and then reads what is
//! published.

mod backoff;
#[cfg(test)]
pub(crate) mod check;
mod checkpoint;
pub(crate) mod columns;
mod compare;
mod conditions;
mod database;
mod dump;
mod follower;
mod handle;
mod head;
mod key;
mod lane;
mod ledger;
mod memory;
mod outcome;
mod pace;
mod personal;
mod poison;
mod projector;
mod reading;
mod rebuilds;
mod rows;
mod source;
mod sql_text;
mod status;
mod table;
mod task;

pub use backoff::Backoff;
pub use checkpoint::Checkpoint;
pub(crate) use conditions::Conditions;
pub use dump::Dump;
pub use handle::{Doubt, Handle, WaitError};
pub use head::{Closed, Head};
pub use key::{Id, Key, Keys, MOST_KEYS};
pub use lane::{LaneBlock, OfBlock, Reading, UsageLane};
pub use memory::{FoldError, fold_into_memory};
pub use outcome::chain;
pub use personal::{Blank, Left, Personal};
pub use poison::{OnPoison, Poison};
pub use projector::{Projection, Projector};
pub use reading::{QueryError, View};
pub use rebuilds::{Comparison, Progress, Rebuild, RebuildRefused, RebuildState};
pub use rows::Rows;
pub use source::{Entry, Erased, EventOf, Page, Source, SourceError};
pub use status::{State, Status};
pub use table::{Record, Table};
pub use task::Runner;

#[cfg(test)]
mod tests;
