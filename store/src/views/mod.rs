//! View databases: one per projection and version, disposable, swapped whole.

mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Sql, SqlError};

pub use sqlite::SqliteViews;

/// Which build of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// The one behind [`Views::writer`].
    Current,
    /// The one behind [`Views::begin_rebuild`].
    Beside,
}

/// The databases of the read side.
///
/// In SQL text a table is always `<projection>.<table>`. A version is written by one owner and
/// seen by readers only once it is published; a rebuild of the same version is made beside it
/// and swapped in whole.
#[async_trait]
pub trait Views: Send + Sync + 'static {
    /// The writer of a version: of what readers see, or of what was begun and not yet published;
    /// created empty when absent. Only this projection can be named in its SQL.
    ///
    /// The same handle is answered as long as it is open. Once its database is replaced or
    /// discarded it answers [`SqlError::Closed`]: ask again.
    ///
    /// # Errors
    /// [`SqlError::Corrupt`] when the database cannot be read: discard it, then ask again.
    async fn writer(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError>;

    /// From now on readers see what [`Views::writer`] wrote to this version. Other versions of the
    /// projection are deleted, now or, where that fails, when this one is opened next; no other
    /// projection is touched. Saying it twice adds nothing.
    async fn publish(&self, projection: &str, version: u32) -> Result<(), SqlError>;

    /// The version that readers see, if any.
    async fn published(&self, projection: &str) -> Result<Option<u32>, SqlError>;

    /// Begins an empty database of the same version beside the one that is served, and answers
    /// its writer. A rebuild begun earlier and not finished is thrown away.
    async fn begin_rebuild(&self, projection: &str, version: u32) -> Result<Arc<dyn Sql>, SqlError>;

    /// Publishes what [`Views::begin_rebuild`] wrote and deletes what it replaces, as
    /// [`Views::publish`] does.
    async fn finish_rebuild(&self, projection: &str, version: u32) -> Result<(), SqlError>;

    /// Reads one build as it is at this moment, whatever is written to it afterwards.
    ///
    /// It keeps what is overwritten meanwhile from being cleared away: let go of it soon.
    async fn moment(&self, projection: &str, version: u32, build: Build) -> Result<Arc<dyn Sql>, SqlError>;

    /// Reads all published projections, which a query may join; whatever writes is refused.
    ///
    /// A query sees each projection wholly before or wholly after a publication.
    fn reader(&self) -> Arc<dyn Sql>;

    /// Looks through a version's database for damage.
    ///
    /// # Errors
    /// [`SqlError::Corrupt`] when it is damaged, or published and empty.
    async fn check(&self, projection: &str, version: u32) -> Result<(), SqlError>;

    /// Closes and deletes a version, published or not. Deleting what is not there adds nothing.
    async fn discard(&self, projection: &str, version: u32) -> Result<(), SqlError>;
}
