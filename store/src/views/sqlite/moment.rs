//! One build as it is at a moment.

use std::path::Path;

use rusqlite::OpenFlags;

use super::attach::{attach, unreadable};
use crate::sqlite::in_memory_with;
use crate::{SqlError, SqliteMode, SqliteSql};

/// Reads the file, attached to a new connection, in a transaction that began now and never ends. Blocks.
pub(super) fn moment(projection: &str, path: &Path) -> Result<SqliteSql, SqlError> {
    let connection = in_memory_with(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    attach(&connection, projection, path)?;
    // A transaction sees what there was when it first read.
    let first = format!("BEGIN; SELECT count(*) FROM {projection}.sqlite_schema");
    connection.execute_batch(&first).map_err(|err| unreadable(err.into(), path))?;
    SqliteSql::over(connection, SqliteMode::View)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Build, Sql, SqlError, SqliteViews, Statement, Views};

    async fn write(sql: &Arc<dyn Sql>, text: &'static str) {
        sql.transact(vec![Statement::new(text, vec![])]).await.unwrap();
    }

    async fn count(sql: &Arc<dyn Sql>) -> i64 {
        sql.query("SELECT count(*) FROM audit.events", vec![]).await.unwrap()[0].int(0).unwrap()
    }

    #[tokio::test]
    async fn a_moment_stands_still_while_the_build_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let views = SqliteViews::open(folder.path()).unwrap();
        let writer = views.writer("audit", 1).await.unwrap();
        write(&writer, "CREATE TABLE audit.events (id BIGINT PRIMARY KEY)").await;
        write(&writer, "INSERT INTO audit.events (id) VALUES (1)").await;
        let moment = views.moment("audit", 1, Build::Current).await.unwrap();
        write(&writer, "INSERT INTO audit.events (id) VALUES (2)").await;
        assert_eq!((count(&moment).await, count(&writer).await), (1, 2));
        let later = views.moment("audit", 1, Build::Current).await.unwrap();
        assert_eq!((count(&moment).await, count(&later).await), (1, 2));
    }

    #[tokio::test]
    async fn the_build_beside_has_moments_of_its_own_and_nobody_writes_through_one() {
        let folder = tempfile::tempdir().unwrap();
        let views = SqliteViews::open(folder.path()).unwrap();
        write(&views.writer("audit", 1).await.unwrap(), "CREATE TABLE audit.events (id BIGINT)").await;
        views.publish("audit", 1).await.unwrap();
        let absent = views.moment("audit", 1, Build::Beside).await.err().unwrap();
        assert!(matches!(absent, SqlError::NotBuilt { .. }), "{absent}");
        let beside = views.begin_rebuild("audit", 1).await.unwrap();
        write(&beside, "CREATE TABLE audit.events (id BIGINT)").await;
        write(&beside, "INSERT INTO audit.events (id) VALUES (1)").await;
        let moment = views.moment("audit", 1, Build::Beside).await.unwrap();
        assert_eq!(count(&moment).await, 1);
        let refused = moment.transact(vec![Statement::new("DELETE FROM audit.events", vec![])]).await;
        assert!(refused.is_err());
        views.finish_rebuild("audit", 1).await.unwrap();
        assert_eq!(count(&views.reader()).await, 1);
    }
}
