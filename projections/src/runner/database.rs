//! The tables of one build of a view.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use store::{Row, Sql, SqlError, Statement, Value};

use super::projector::Shape;
use super::rows::parked::{self, ParkedEvent};
use super::{Checkpoint, Id, Key, Rows, Table, personal, sql_text};

/// The most keys of one query; SQLite takes 32,766 arguments.
const KEYS_A_QUERY: usize = 4_096;

/// One build of a view, and the writer of it.
#[derive(Clone)]
pub(super) struct Database {
    shape: Shape,
    lane: u16,
    sql: Arc<dyn Sql>,
}

impl Database {
    /// The build behind this writer, and its checkpoint of that lane, with its tables made where they are not there.
    pub(super) async fn prepare(shape: Shape, lane: u16, sql: Arc<dyn Sql>) -> Result<Self, SqlError> {
        let tables = shape.tables.iter().map(|it| Statement::new(it.ddl, vec![]));
        let shared = Checkpoint::prepare(&shape, lane).into_iter().chain(parked::prepare(&shape));
        let statements = tables.chain(shared).collect();
        sql.transact(statements).await?;
        Ok(Self { shape, lane, sql })
    }

    pub(super) async fn checkpoint(&self) -> Result<Checkpoint, SqlError> {
        Checkpoint::read(&self.shape, self.lane, self.sql.as_ref()).await
    }

    /// The keys that are set apart.
    pub(super) async fn parked_keys(&self) -> Result<HashSet<String>, SqlError> {
        parked::keys(&self.shape, self.sql.as_ref()).await
    }

    /// At most so many facts that are put aside.
    pub(super) async fn parked_events(&self, most: usize) -> Result<Vec<ParkedEvent>, SqlError> {
        parked::events(&self.shape, self.sql.as_ref(), most).await
    }

    /// Makes the indexes, which cost least once the rows are there.
    pub(super) async fn index(&self) -> Result<(), SqlError> {
        let indexes = self.shape.tables.iter().flat_map(|it| it.indexes);
        let statements: Vec<_> = indexes.map(|it| Statement::new(*it, vec![])).collect();
        if !statements.is_empty() {
            self.sql.transact(statements).await?;
        }
        Ok(())
    }

    /// The rows of these keys, in one query a table.
    pub(super) async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<(Key, Row)>, SqlError> {
        let mut found = Vec::with_capacity(keys.len());
        for table in self.shape.tables {
            let ids: Vec<&Id> = keys.iter().filter(|it| it.table == table.name).map(|it| &it.id).collect();
            for ids in ids.chunks(KEYS_A_QUERY) {
                found.extend(self.load_from(table, ids).await?);
            }
        }
        Ok(found)
    }

    async fn load_from(&self, table: &Table, ids: &[&Id]) -> Result<Vec<(Key, Row)>, SqlError> {
        let mut args: Vec<Value> = ids.iter().map(|it| (*it).into()).collect();
        // A few sizes make a few texts, which the engine prepares once; a repeated key finds nothing new.
        let padding = args.last().cloned().unwrap_or(Value::Null);
        args.resize(args.len().next_power_of_two(), padding);
        let sql = sql_text::select(&self.shape, table, args.len());
        let rows = self.sql.query(&sql, args).await?;
        rows.into_iter().map(|row| keyed(table, row)).collect()
    }

    /// Writes all changed rows, takes out who was erased, and moves the checkpoint, or does nothing.
    pub(super) async fn commit(
        &self,
        rows: &Rows,
        erased: &[String],
        from: &Checkpoint,
        to: &Checkpoint,
    ) -> Result<(), SqlError> {
        // The checkpoint first: whoever is not the owner is told before anything is written.
        let mut statements = vec![from.moving(&self.shape, self.lane, to)];
        statements.extend(writes(&self.shape, rows));
        // Last: what was folded after an erasure from rows that were there before it goes too.
        if !erased.is_empty() {
            statements.extend(personal::statements(&self.shape, erased));
            statements.push(Checkpoint::owing_scrub(&self.shape, self.lane));
        }
        self.sql.transact(statements).await?;
        Ok(())
    }

    /// Takes out who was erased where the log itself does not say so, as the owner of a checkpoint; answers whether
    /// a scrub is owed. An attempt before this one may have taken them out although nobody said so.
    pub(super) async fn erase(&self, erased: &[String], at: &Checkpoint) -> Result<bool, SqlError> {
        let mut found = false;
        for (sql, args) in personal::searches(&self.shape, erased) {
            found = found || !self.sql.query(&sql, args).await?.is_empty();
        }
        if found {
            self.commit(&Rows::default(), erased, at, at).await?;
        }
        self.owes_scrub().await
    }

    /// Whether somebody was taken out of the rows and may still be in the files.
    pub(super) async fn owes_scrub(&self) -> Result<bool, SqlError> {
        Checkpoint::owes_scrub(&self.shape, self.lane, self.sql.as_ref()).await
    }

    /// Takes those out of the files too who were taken out of the rows.
    pub(super) async fn scrub(&self) -> Result<(), SqlError> {
        self.sql.scrub().await?;
        self.sql.transact(vec![Checkpoint::scrubbed(&self.shape, self.lane)]).await.map(drop)
    }

    /// All rows of all tables.
    #[cfg(test)]
    pub(super) async fn dump(&self) -> Result<super::Dump, SqlError> {
        let mut dump = super::Dump::default();
        for table in self.shape.all_tables() {
            let rows = self.sql.query(&sql_text::select_all(&self.shape, table), vec![]).await?;
            for row in rows {
                let (key, row) = keyed(table, row)?;
                dump.add(key, &row);
            }
        }
        Ok(dump)
    }
}

/// The statements that write what changed, in the order of the keys, so that the file grows in order.
fn writes(shape: &Shape, rows: &Rows) -> Vec<Statement> {
    let changed: BTreeMap<&Key, Option<&Row>> = rows.changed().collect();
    let mut statements = Vec::new();
    for table in shape.all_tables() {
        let mut written = Vec::new();
        let mut removed = Vec::new();
        for (key, row) in changed.iter().filter(|(key, _)| key.table == table.name) {
            match row {
                Some(row) => written.push(row.values().to_vec()),
                None => removed.push(vec![Value::from(&key.id)]),
            }
        }
        if !removed.is_empty() {
            statements.push(Statement::many(sql_text::delete(shape, table), removed));
        }
        if !written.is_empty() {
            statements.push(Statement::many(sql_text::upsert(shape, table), written));
        }
    }
    statements
}

fn keyed(table: &Table, row: Row) -> Result<(Key, Row), SqlError> {
    let id = match row.values().first() {
        Some(Value::Int(number)) => Id::Int(*number),
        Some(Value::Text(text)) => Id::Text(Arc::clone(text)),
        Some(Value::Null | Value::Blob(_) | Value::Bool(_)) | None => {
            let message = format!("the key of a row of `{}` is neither a number nor a text", table.name);
            return Err(SqlError::Corrupt { message });
        }
    };
    Ok((Key { table: table.name, id }, row))
}
