//! SQLite behind the seam: one thread that writes, a few that read.

mod connect;
mod dictionary;
mod execute;
mod failure;
mod lexer;
mod pool;
mod queue;
mod translate;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;

pub(crate) use connect::{create_private, in_memory, in_memory_with, reader, tune};
pub(crate) use dictionary::Dictionary;
pub(crate) use execute::query;
pub(crate) use pool::{Pool, Session};

use crate::{Row, Sql, SqlError, Statement, Value};
use execute::{Bound, transact};

/// Threads that read beside the writer.
pub(crate) const READERS: usize = 2;

/// What a database file is for, which decides how durable and how forgetful it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqliteMode {
    /// Never disposable: each commit is on the disk before it is answered, and what is deleted
    /// is overwritten. Calls wait at most 5 s.
    State,
    /// Disposable: after a power cut the last commits may be missing, never half there. Calls
    /// wait at most 10 minutes, since a rebuild writes its indexes in one statement.
    View,
}

impl SqliteMode {
    pub(crate) fn patience(self) -> Duration {
        match self {
            Self::State => Duration::from_secs(5),
            Self::View => Duration::from_mins(10),
        }
    }
}

/// One SQLite database as a [`Sql`].
///
/// Queries that only read are served by their own threads and see every commit that was
/// answered before they were asked; everything else is served by the one writer, in order.
pub struct SqliteSql {
    mode: SqliteMode,
    dictionary: Dictionary,
    writer: Pool<Connection>,
    readers: Option<Pool<Connection>>,
}

impl SqliteSql {
    /// Opens the file; creates it, readable by its owner alone, when absent. Blocks.
    ///
    /// # Errors
    /// [`SqlError::Corrupt`] when the file is no database.
    pub fn open(path: &Path, mode: SqliteMode) -> Result<Self, SqlError> {
        Self::open_with_patience(path, mode, mode.patience())
    }

    pub(crate) fn open_with_patience(
        path: &Path,
        mode: SqliteMode,
        patience: Duration,
    ) -> Result<Self, SqlError> {
        let writer = connect::writer(path, mode)?;
        let readers = (0..READERS).map(|_| reader(path)).collect::<Result<_, _>>()?;
        Ok(Self {
            mode,
            dictionary: Dictionary::default(),
            writer: Pool::start("sql-writer", vec![writer], patience)?,
            readers: Some(Pool::start("sql-reader", readers, patience)?),
        })
    }

    /// Opens a file that is there and only reads it. Blocks.
    pub(crate) fn open_read_only(path: &Path, mode: SqliteMode) -> Result<Self, SqlError> {
        Self::over(reader(path)?, mode)
    }

    /// A database without a file, gone with this value.
    pub fn in_memory() -> Result<Self, SqlError> {
        Self::over(in_memory()?, SqliteMode::State)
    }

    /// A database that one connection serves alone.
    pub(crate) fn over(connection: Connection, mode: SqliteMode) -> Result<Self, SqlError> {
        Ok(Self {
            mode,
            dictionary: Dictionary::default(),
            writer: Pool::start("sql-writer", vec![connection], mode.patience())?,
            readers: None,
        })
    }

    /// Finishes what was begun, closes the file and waits for it; later calls answer
    /// [`SqlError::Closed`]. Blocks.
    pub fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close_and_wait();
        }
        self.writer.close_and_wait();
    }

    /// Copies what lies in the write-ahead log into the database file, as far as readers let it.
    pub(crate) async fn checkpoint(&self) -> Result<(), SqlError> {
        self.writer
            .call(|connection| {
                connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
                Ok(())
            })
            .await
    }

    fn bind(&self, statement: Statement) -> Result<Bound, SqlError> {
        Ok(Bound {
            translated: self.dictionary.translate(&statement.sql)?,
            sets: statement.sets,
            expected: statement.expected,
        })
    }
}

/// Writes every database of the connection anew, without what was deleted.
fn write_anew(connection: &Connection) -> Result<(), SqlError> {
    let mut list = connection.prepare("SELECT name FROM pragma_database_list WHERE name <> 'temp'")?;
    let names = list.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    drop(list);
    for name in names {
        connection.execute_batch(&format!("VACUUM \"{name}\""))?;
    }
    Ok(())
}

#[async_trait]
impl Sql for SqliteSql {
    async fn query(&self, sql: &str, args: Vec<Value>) -> Result<Vec<Row>, SqlError> {
        let translated = self.dictionary.translate(sql)?;
        let pool = match &self.readers {
            Some(readers) if !translated.writes => readers,
            _ => &self.writer,
        };
        pool.call(move |connection| query(connection, &translated, &args)).await
    }

    async fn transact(&self, statements: Vec<Statement>) -> Result<Vec<u64>, SqlError> {
        let bound = statements.into_iter().map(|it| self.bind(it)).collect::<Result<Vec<_>, _>>()?;
        self.writer.call(move |connection| transact(connection, &bound)).await
    }

    /// Empties the write-ahead log, which keeps what was deleted until it is overwritten. A view, whose deleted bytes
    /// stay where they were, is written anew before: that takes as much free space as the view has, twice.
    async fn scrub(&self) -> Result<(), SqlError> {
        let mode = self.mode;
        let busy = self
            .writer
            .call(move |connection| {
                if mode == SqliteMode::View {
                    write_anew(connection)?;
                }
                let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
                Ok(connection.query_row(sql, [], |row| row.get::<_, bool>(0))?)
            })
            .await?;
        if busy {
            return Err(SqlError::Unavailable { waited: failure::BUSY_TIMEOUT });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
