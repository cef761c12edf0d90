//! The port: one SQL text, run by any engine.

use async_trait::async_trait;

use crate::{Row, SqlError, Statement, Value};

/// A SQL database, held as `Arc<dyn Sql>`.
///
/// The text is one statement in the dialect that SQLite and PostgreSQL share: placeholders
/// `$1 … $n`, column types BIGINT, TEXT, BYTEA and BOOLEAN, `ON CONFLICT`, `RETURNING`. The rules
/// are in `docs/adr/0012-one-sql-text.md`.
///
/// Every call ends within the adapter's time limit, at the latest with
/// [`SqlError::Unavailable`]. Dropping the future of a call does not undo it.
#[async_trait]
pub trait Sql: Send + Sync + 'static {
    /// Runs one statement and answers its rows. One that writes (`… RETURNING`) is its own
    /// transaction.
    async fn query(&self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, SqlError>;

    /// Runs all statements in order in one transaction, or none of them; answers the number of
    /// rows each changed. The answer comes after the commit.
    async fn transact(&self, statements: Vec<Statement>) -> Result<Vec<u64>, SqlError>;

    /// Makes what was deleted unreadable in the engine's files as well, as far as the engine can.
    ///
    /// # Errors
    /// [`SqlError::Unavailable`] when others still read what was deleted: say it again.
    async fn scrub(&self) -> Result<(), SqlError> {
        Ok(())
    }
}
