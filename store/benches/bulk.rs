//! Pages of 100,000 rows into a view through the seam, beside the same rows inserted by hand
//! into the same file format: `cargo bench -p counterfoil-store`.

#![expect(clippy::print_stdout, reason = "a benchmark speaks to whoever runs it")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use store::{SqliteViews, Statement, Value, Views};

const ROWS: i64 = 100_000;
const ROUNDS: i64 = 7;
const COLUMNS: &str = "(id BIGINT PRIMARY KEY, name TEXT NOT NULL, at BIGINT, digest BYTEA)";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let by_hand = by_hand(&folder.path().join("hand.db"))?;
    let by_seam = runtime.block_on(by_seam(folder.path()))?;
    println!("by hand   {}", rate(by_hand));
    println!("the seam  {}", rate(by_seam));
    println!("ratio     {:.2}", by_hand.as_secs_f64() / by_seam.as_secs_f64());
    Ok(())
}

fn rate(best: Duration) -> String {
    let rows = f64::from(i32::try_from(ROWS).unwrap_or(i32::MAX));
    let per_second = rows / best.as_secs_f64();
    format!("{per_second:>9.0} rows/s, best of {ROUNDS} pages of {ROWS}")
}

/// The seam's arguments are made outside of the time, as the runner has its rows in memory.
async fn by_seam(folder: &Path) -> Result<Duration, Box<dyn Error>> {
    let views = SqliteViews::open(folder.join("views"))?;
    let writer = views.writer("bulk", 1).await?;
    let table = format!("CREATE TABLE bulk.rows {COLUMNS}");
    writer.transact(vec![Statement::new(table, vec![])]).await?;
    let mut best = Duration::MAX;
    for round in 0..ROUNDS {
        let sets = (0..ROWS).map(|n| row(round * ROWS + n)).collect();
        let page = Statement::many("INSERT INTO bulk.rows VALUES ($1, $2, $3, $4)", sets);
        let started = Instant::now();
        writer.transact(vec![page.expecting(ROWS.unsigned_abs())]).await?;
        best = best.min(started.elapsed());
    }
    Ok(best)
}

fn row(id: i64) -> Vec<Value> {
    vec![id.into(), name(id).into(), id.into(), digest(id).into()]
}

fn by_hand(path: &Path) -> Result<Duration, Box<dyn Error>> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768;
         CREATE TABLE rows {};",
        COLUMNS.replace("BIGINT", "INTEGER")
    ))?;
    let mut best = Duration::MAX;
    for round in 0..ROUNDS {
        let rows: Vec<_> =
            (0..ROWS).map(|n| round * ROWS + n).map(|id| (id, name(id), id, digest(id))).collect();
        let started = Instant::now();
        let transaction = connection.transaction()?;
        let mut insert = transaction.prepare("INSERT INTO rows VALUES (?1, ?2, ?3, ?4)")?;
        for (id, name, at, digest) in &rows {
            insert.execute((id, name, at, digest))?;
        }
        drop(insert);
        transaction.commit()?;
        best = best.min(started.elapsed());
    }
    Ok(best)
}

fn name(id: i64) -> String {
    format!("token number {id}")
}

fn digest(id: i64) -> [u8; 32] {
    let mut digest = [7; 32];
    digest.iter_mut().zip(id.to_le_bytes()).for_each(|(to, from)| *to = from);
    digest
}
