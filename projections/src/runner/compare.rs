//! Two builds of a view, held against each other row by row.

use std::sync::Arc;

use eventlog::Position;
use futures_util::future;
use sha2::{Digest, Sha256};
use store::{Sql, SqlError, Value};

use super::projector::Shape;
use super::{Checkpoint, Comparison, Table, dump, sql_text};

/// Rows that are read at once.
const ROWS_A_QUERY: usize = 4_096;

/// Two builds, each as it was at a moment at which both stood at the same position.
pub(super) struct Pair {
    pub(super) shape: Shape,
    pub(super) lane: u16,
    pub(super) served: Arc<dyn Sql>,
    pub(super) beside: Arc<dyn Sql>,
}

/// Why two builds were not compared.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotCompared {
    /// One has gone on before it was looked at.
    #[error("one build was at {served}, the other at {beside}")]
    Apart { served: Position, beside: Position },
    /// The new build cannot be read, or the other not now.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

/// What one build holds: of each table the rows and the SHA-256 over all of them in the order of their keys.
struct Sums {
    position: Position,
    tables: Vec<(&'static str, u64, [u8; 32])>,
}

impl Pair {
    /// Compares all rows. A build that is served and cannot be read is the same in no table.
    pub(super) async fn compare(self) -> Result<Comparison, NotCompared> {
        let Self { shape, lane, served, beside } = &self;
        let sums = future::join(sum(shape, *lane, served.as_ref()), sum(shape, *lane, beside.as_ref()));
        let (served, beside) = sums.await;
        let beside = beside?;
        let served = match served {
            Ok(served) => served,
            Err(err) if is_for_good(&err) => Sums { position: beside.position, tables: Vec::new() },
            Err(err) => return Err(err.into()),
        };
        if served.position != beside.position {
            return Err(NotCompared::Apart { served: served.position, beside: beside.position });
        }
        let other = beside.tables.iter().filter(|it| !served.tables.contains(it));
        let differing = other.map(|(name, _, _)| (*name).to_owned()).collect();
        let rows = beside.tables.iter().map(|(_, rows, _)| rows).sum();
        Ok(Comparison { position: beside.position, rows, differing })
    }
}

/// Whether asking again would be answered so too.
fn is_for_good(err: &SqlError) -> bool {
    matches!(err, SqlError::Corrupt { .. } | SqlError::Column { .. } | SqlError::Refused { .. })
}

async fn sum(shape: &Shape, lane: u16, sql: &dyn Sql) -> Result<Sums, SqlError> {
    let position = Checkpoint::read(shape, lane, sql).await?.position;
    let mut tables = Vec::new();
    for table in shape.all_tables() {
        let (rows, digest) = sum_table(shape, table, sql).await?;
        tables.push((table.name, rows, digest));
    }
    Ok(Sums { position, tables })
}

async fn sum_table(shape: &Shape, table: &Table, sql: &dyn Sql) -> Result<(u64, [u8; 32]), SqlError> {
    let mut digest = Sha256::new();
    let mut bytes = Vec::new();
    let mut count = 0;
    let mut after: Option<Value> = None;
    loop {
        let text = sql_text::select_in_order(shape, table, after.is_some(), ROWS_A_QUERY);
        let rows = sql.query(&text, after.into_iter().collect()).await?;
        bytes.clear();
        for row in &rows {
            dump::append(&mut bytes, row.values());
        }
        digest.update(&bytes);
        count += rows.len() as u64;
        after = rows.last().and_then(|it| it.values().first().cloned());
        if rows.len() < ROWS_A_QUERY || after.is_none() {
            return Ok((count, digest.finalize().into()));
        }
        tokio::task::yield_now().await;
    }
}
