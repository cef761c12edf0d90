//! What is small, mutable and backed up, and neither fact nor view.

mod address_book;
mod keyring;
mod ledger_mark;
mod migrate;
mod node_starts;
mod schema;

pub use node_starts::OpenStart;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Sql, SqlError, SqliteMode, SqliteSql};

/// The state: the keyring of data keys, the address book, the mark left in the ledger, and the starts of nodes that have
/// not ended.
///
/// One implementation over [`Sql`], whatever the engine. Clones share one database.
#[derive(Clone)]
pub struct State {
    sql: Arc<dyn Sql>,
}

impl State {
    /// The state in this database; its schema is created or brought up to date, also when
    /// several processes start at once.
    ///
    /// # Errors
    /// [`SqlError::NewerSchema`] when a newer program has written it.
    pub async fn over(sql: Arc<dyn Sql>) -> Result<Self, SqlError> {
        migrate::apply(sql.as_ref(), schema::STEPS).await?;
        Ok(Self { sql })
    }

    /// The state in one SQLite file, created readable by its owner alone when absent.
    pub async fn open_sqlite(path: impl Into<PathBuf>) -> Result<Self, SqlError> {
        let path = path.into();
        let opened = tokio::task::spawn_blocking(move || SqliteSql::open(&path, SqliteMode::State)).await;
        let sql = opened.map_err(|_| SqlError::Closed)??;
        Self::over(Arc::new(sql)).await
    }

    /// The state in one SQLite file that is only read, also while another process writes to it. Nothing is created;
    /// whatever would change it answers [`SqlError::ReadOnly`].
    ///
    /// # Errors
    /// [`SqlError::File`] when there is no such file, [`SqlError::NewerSchema`] when a newer program has written it,
    /// [`SqlError::Refused`] when its schema was never brought up to date.
    pub async fn open_read_only(path: impl Into<PathBuf>) -> Result<Self, SqlError> {
        let path = path.into();
        let opened = tokio::task::spawn_blocking(move || read_only(&path)).await;
        let sql = opened.map_err(|_| SqlError::Closed)??;
        migrate::check(&sql, schema::STEPS).await?;
        Ok(Self { sql: Arc::new(sql) })
    }

    /// A state without a file, for tests and trials.
    pub async fn in_memory() -> Result<Self, SqlError> {
        Self::over(Arc::new(SqliteSql::in_memory()?)).await
    }
}

/// SQLite would say of a file that is missing only that it cannot be opened.
fn read_only(path: &Path) -> Result<SqliteSql, SqlError> {
    std::fs::metadata(path).map_err(|source| SqlError::File { path: path.to_owned(), source })?;
    SqliteSql::open_read_only(path, SqliteMode::State).map_err(|err| err.of_file(path))
}

#[cfg(test)]
mod tests;
