//! Brings a schema up to date, one step a transaction, whoever else does the same.

use crate::{Sql, SqlError, Statement};

/// A change of the schema, applied once and whole.
pub(super) struct Step {
    /// 1, 2, 3 …
    pub(super) number: i64,
    /// What is run, in order, after the step is marked as applied.
    pub(super) statements: &'static [&'static str],
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_step (number BIGINT PRIMARY KEY)";
const NEWEST: &str = "SELECT COALESCE(MAX(number), 0) FROM schema_step";
const MARK: &str = "INSERT INTO schema_step (number) VALUES ($1) ON CONFLICT (number) DO NOTHING";

/// How often a step may be lost to another process before something else must be wrong.
const ATTEMPTS: usize = 10;

/// Applies the steps that the database lacks.
///
/// # Errors
/// [`SqlError::NewerSchema`] when the database has a step that this program does not know.
pub(super) async fn apply(sql: &dyn Sql, steps: &'static [Step]) -> Result<(), SqlError> {
    repeat_if_lost(sql, vec![Statement::new(TABLE, vec![])]).await?;
    for step in steps {
        if newest(sql).await? < step.number {
            repeat_if_lost(sql, transaction(step)).await?;
        }
    }
    check(sql, steps).await
}

/// Holds the database against the steps and changes nothing.
///
/// # Errors
/// [`SqlError::NewerSchema`] as above, [`SqlError::Refused`] when the database lacks a step.
pub(super) async fn check(sql: &dyn Sql, steps: &'static [Step]) -> Result<(), SqlError> {
    let known = steps.last().map_or(0, |step| step.number);
    let found = newest(sql).await?;
    if found < known {
        let message = format!("the schema is at step {found}, not {known}: it was never brought up to date");
        return Err(SqlError::refused(message));
    }
    if known < found {
        return Err(SqlError::NewerSchema { found, known });
    }
    Ok(())
}

/// The mark comes first: of two processes only one changes a row, and the other one's whole
/// transaction is rolled back.
fn transaction(step: &Step) -> Vec<Statement> {
    let mark = Statement::new(MARK, vec![step.number.into()]).expecting(1);
    let changes = step.statements.iter();
    std::iter::once(mark).chain(changes.map(|sql| Statement::new(*sql, vec![]))).collect()
}

/// Another process may do the same at the same moment: then the mark is already there, or
/// the engine itself refuses the second of two equal tables. Both end with the step applied.
async fn repeat_if_lost(sql: &dyn Sql, statements: Vec<Statement>) -> Result<(), SqlError> {
    let mut last = SqlError::Closed;
    for _ in 0..ATTEMPTS {
        match sql.transact(statements.clone()).await {
            Ok(_) | Err(SqlError::Unexpected { statement: 0, .. }) => return Ok(()),
            Err(err @ SqlError::Constraint { .. }) => last = err,
            Err(err) => return Err(err),
        }
    }
    Err(last)
}

async fn newest(sql: &dyn Sql) -> Result<i64, SqlError> {
    match sql.query(NEWEST, vec![]).await?.first() {
        Some(row) => row.int(0),
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{SqliteMode, SqliteSql};

    const ONE: &[Step] = &[Step {
        number: 1,
        statements: &[
            "CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)",
            "INSERT INTO counter VALUES (1, 0)",
        ],
    }];
    const TWO: &[Step] = &[
        Step { number: 1, statements: &["SELECT * FROM never_run"] },
        Step { number: 2, statements: &["UPDATE counter SET n = n + 1"] },
    ];

    async fn count(sql: &dyn Sql) -> i64 {
        let rows = sql.query("SELECT n FROM counter", vec![]).await.unwrap();
        rows[0].int(0).unwrap()
    }

    #[tokio::test]
    async fn only_what_is_lacking_is_applied() {
        let sql = SqliteSql::in_memory().unwrap();
        apply(&sql, ONE).await.unwrap();
        apply(&sql, ONE).await.unwrap();
        apply(&sql, TWO).await.unwrap();
        apply(&sql, TWO).await.unwrap();
        assert_eq!(count(&sql).await, 1);
    }

    #[tokio::test]
    async fn a_newer_schema_is_refused() {
        let sql = SqliteSql::in_memory().unwrap();
        apply(&sql, ONE).await.unwrap();
        apply(&sql, TWO).await.unwrap();
        let refused = apply(&sql, ONE).await;
        assert!(matches!(refused, Err(SqlError::NewerSchema { found: 2, known: 1 })));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn eight_that_start_at_once_apply_each_step_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let first = SqliteSql::open(&path, SqliteMode::State).unwrap();
        apply(&first, ONE).await.unwrap();
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let sql = Arc::new(SqliteSql::open(&path, SqliteMode::State).unwrap());
                tokio::spawn(async move { apply(sql.as_ref(), TWO).await })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
        assert_eq!(count(&first).await, 1);
    }
}
