use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const TABLE: &str = "CREATE TABLE pair (a BIGINT PRIMARY KEY, b TEXT, c BYTEA, d BOOLEAN)";
const INSERT: &str = "INSERT INTO pair (a, b) VALUES ($1, $2)";
const COUNT: &str = "SELECT COUNT(*) FROM pair";
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT COUNT(*) FROM n";

async fn with_table(sql: SqliteSql) -> SqliteSql {
    sql.transact(vec![Statement::new(TABLE, vec![])]).await.unwrap();
    sql
}

async fn in_file() -> (TempDir, SqliteSql) {
    let folder = tempfile::tempdir().unwrap();
    let sql = SqliteSql::open(&folder.path().join("a.db"), SqliteMode::State).unwrap();
    (folder, with_table(sql).await)
}

async fn number(sql: &dyn Sql, text: &str) -> i64 {
    sql.query(text, vec![]).await.unwrap()[0].int(0).unwrap()
}

fn insert(a: i64) -> Statement {
    Statement::new(INSERT, vec![a.into(), "x".into()])
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    let (_folder, sql) = in_file().await;
    let values = vec![7.into(), "é'$1".into(), vec![0, 255].into(), true.into()];
    let all = "INSERT INTO pair VALUES ($1, $2, $3, $4) RETURNING a, b, c, d";
    let returned = sql.query(all, values).await.unwrap();
    let read = sql.query("SELECT * FROM pair", vec![]).await.unwrap();
    assert_eq!(returned, read);
    let row = &read[0];
    assert_eq!((row.int(0).unwrap(), row.text(1).unwrap()), (7, "é'$1"));
    assert_eq!((row.blob(2).unwrap(), row.bool(3).unwrap()), (&[0, 255][..], true));
}

#[tokio::test]
async fn parameters_bind_by_number_whatever_their_order() {
    let sql = SqliteSql::in_memory().unwrap();
    let args = vec![1.into(), 2.into(), 3.into()];
    let rows = sql.query("SELECT $3, $1, $3, $2, '$1'", args).await.unwrap();
    let expected = vec![3.into(), 1.into(), 3.into(), 2.into(), "$1".into()];
    assert_eq!(rows[0].values(), expected);
}

#[tokio::test]
async fn a_wrong_number_of_arguments_is_refused() {
    let sql = SqliteSql::in_memory().unwrap();
    for args in [vec![], vec![1.into(), 2.into()]] {
        let refused = sql.query("SELECT $1", args).await;
        assert!(matches!(refused, Err(SqlError::Refused { .. })));
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_refused() {
    let sql = with_table(SqliteSql::in_memory().unwrap()).await;
    for text in [
        "INSERT INTO pair (a) VALUES ('seven')",
        "INSERT INTO pair (a, d) VALUES (1, 'maybe')",
        "INSERT INTO pair (a, c) VALUES (1, 'text')",
    ] {
        let refused = sql.transact(vec![Statement::new(text, vec![])]).await;
        assert!(matches!(refused, Err(SqlError::Refused { .. })), "{text}");
    }
}

#[tokio::test]
async fn all_or_nothing() {
    let (_folder, sql) = in_file().await;
    let twice = sql.transact(vec![insert(1), insert(2), insert(1)]).await;
    assert!(matches!(twice, Err(SqlError::Constraint { .. })));
    assert_eq!(number(&sql, COUNT).await, 0);
    assert_eq!(sql.transact(vec![insert(1), insert(2)]).await.unwrap(), [1, 1]);
    assert_eq!(number(&sql, COUNT).await, 2);
}

#[tokio::test]
async fn another_number_of_rows_than_expected_rolls_back_everything() {
    let (_folder, sql) = in_file().await;
    sql.transact(vec![insert(1)]).await.unwrap();
    let update = Statement::new("UPDATE pair SET b = 'y' WHERE a = $1", vec![9.into()]);
    let refused = sql.transact(vec![insert(2), update.expecting(1)]).await;
    let Err(SqlError::Unexpected { statement, expected, affected }) = refused else {
        panic!("the update must be refused");
    };
    assert_eq!((statement, expected, affected), (1, 1, 0));
    assert_eq!(number(&sql, COUNT).await, 1);
}

#[tokio::test]
async fn what_is_expected_is_the_sum_over_all_sets() {
    let sql = with_table(SqliteSql::in_memory().unwrap()).await;
    let sets = (0..5).map(|a| vec![(a % 3).into(), "x".into()]).collect();
    let once = "INSERT INTO pair (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING";
    let bulk = Statement::many(once, sets);
    assert!(sql.transact(vec![bulk.clone().expecting(5)]).await.is_err());
    assert_eq!(sql.transact(vec![bulk.expecting(3)]).await.unwrap(), [3]);
}

#[tokio::test]
async fn counts_are_of_rows_changed_and_zero_for_definitions() {
    let sql = with_table(SqliteSql::in_memory().unwrap()).await;
    let statements = vec![
        Statement::many(INSERT, vec![vec![1.into(), "x".into()], vec![2.into(), "x".into()]]),
        Statement::new("CREATE TABLE other (a BIGINT)", vec![]),
        Statement::new("CREATE INDEX by_b ON pair (b)", vec![]),
        Statement::new("UPDATE pair SET b = 'y' RETURNING a", vec![]),
        Statement::new("SELECT a FROM pair WHERE a = 1", vec![]),
        Statement::new("DELETE FROM pair WHERE a = 9", vec![]),
        Statement::many(INSERT, vec![]),
    ];
    assert_eq!(sql.transact(statements).await.unwrap(), [2, 0, 0, 2, 1, 0, 0]);
}

#[tokio::test]
async fn the_shared_dialect_runs() {
    let sql = with_table(SqliteSql::in_memory().unwrap()).await;
    sql.transact(vec![insert(1), insert(2)]).await.unwrap();
    for text in [
        "INSERT INTO pair (a, b) VALUES (1, 'z') ON CONFLICT (a) DO UPDATE
            SET b = excluded.b WHERE pair.b < excluded.b RETURNING b",
        "SELECT a FROM pair WHERE (a, b) > (0, 'a') ORDER BY b NULLS LAST, a LIMIT 1",
        "SELECT CAST(SUM(a) FILTER (WHERE a < 9) AS BIGINT) FROM pair",
        "SELECT a FROM pair WHERE lower(b) LIKE lower('Z%') ESCAPE '!'",
        "SELECT d = TRUE, d IS NULL FROM pair",
        "WITH one AS (SELECT a FROM pair LIMIT 1)
            UPDATE pair SET b = 'w' WHERE a IN (SELECT a FROM one) RETURNING a",
    ] {
        assert!(!sql.query(text, vec![]).await.unwrap().is_empty(), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_whole_transactions_while_a_writer_commits() {
    let (_folder, sql) = in_file().await;
    let (sql, done) = (Arc::new(sql), Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (sql, done) = (Arc::clone(&sql), Arc::clone(&done));
            tokio::spawn(async move {
                let mut seen = BTreeSet::new();
                while !done.load(Ordering::Relaxed) {
                    seen.insert(number(sql.as_ref(), COUNT).await);
                }
                seen
            })
        })
        .collect();
    for transaction in 0..50 {
        let ten = (0..10).map(|n| insert(transaction * 10 + n)).collect();
        sql.transact(ten).await.unwrap();
        assert_eq!(number(sql.as_ref(), COUNT).await, transaction * 10 + 10);
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap().into_iter().all(|it| it % 10 == 0));
    }
}

#[tokio::test]
async fn endless_queries_end_and_leave_their_threads_usable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let patience = Duration::from_millis(100);
    let sql = SqliteSql::open_with_patience(&path, SqliteMode::State, patience).unwrap();
    for _ in 0..READERS * 2 {
        let ended = sql.query(ENDLESS, vec![]).await;
        assert!(matches!(ended, Err(SqlError::Unavailable { .. })));
    }
    // A thread notices the interruption at its own pace.
    while sql.query("SELECT 1", vec![]).await.is_err() {}
}

#[tokio::test]
async fn a_transaction_that_outlasts_its_caller_is_rolled_back() {
    let patience = Duration::from_millis(100);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let sql = SqliteSql::open_with_patience(&path, SqliteMode::State, patience).unwrap();
    let sql = with_table(sql).await;
    let endless = Statement::new(ENDLESS, vec![]);
    let ended = sql.transact(vec![insert(1), endless]).await;
    assert!(matches!(ended, Err(SqlError::Unavailable { .. })));
    while sql.transact(vec![insert(2)]).await.is_err() {}
    assert_eq!(number(&sql, COUNT).await, 1);
}

#[tokio::test]
async fn what_is_abandoned_before_it_begins_is_never_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let patience = Duration::from_millis(300);
    let sql = SqliteSql::open_with_patience(&path, SqliteMode::State, patience).unwrap();
    let sql = Arc::new(with_table(sql).await);
    let busy = Arc::clone(&sql);
    let busy = async move { busy.transact(vec![Statement::new(ENDLESS, vec![])]).await };
    let abandoned = tokio::time::timeout(Duration::from_millis(1), sql.transact(vec![insert(1)]));
    // Polled in this order, so the endless one is first in line.
    let (ended, abandoned) = tokio::join!(biased; busy, abandoned);
    assert!(ended.is_err() && abandoned.is_err());
    while sql.transact(vec![insert(2)]).await.is_err() {}
    assert_eq!(number(sql.as_ref(), COUNT).await, 1);
}

#[tokio::test]
async fn a_closed_database_says_so() {
    let (_folder, sql) = in_file().await;
    sql.close();
    assert!(matches!(sql.query("SELECT 1", vec![]).await, Err(SqlError::Closed)));
    assert!(matches!(sql.transact(vec![]).await, Err(SqlError::Closed)));
}

#[tokio::test]
async fn only_its_owner_may_read_the_file_and_its_companions() {
    let (folder, sql) = in_file().await;
    sql.transact(vec![insert(1)]).await.unwrap();
    for name in ["a.db", "a.db-wal", "a.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_file_that_is_no_database_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    std::fs::write(&path, [7; 8192]).unwrap();
    assert!(matches!(SqliteSql::open(&path, SqliteMode::State), Err(SqlError::Corrupt { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Against a set as the model: a transaction with a repeat or a wrong expectation changes
    /// nothing, any other one everything.
    #[test]
    fn transactions_do_all_or_nothing(
        transactions in prop::collection::vec(
            (prop::collection::vec(0i64..30, 1..6), any::<bool>()), 1..8)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let sql = with_table(SqliteSql::in_memory().unwrap()).await;
            let mut model = BTreeSet::new();
            for (numbers, wrong) in transactions {
                let last = Statement::new("DELETE FROM pair WHERE a = -1", vec![]);
                let statements = numbers.iter().map(|a| insert(*a).expecting(1));
                let last = last.expecting(u64::from(wrong));
                let done = sql.transact(statements.chain([last]).collect()).await.is_ok();
                let mut changed = model.clone();
                let fits = numbers.iter().all(|a| changed.insert(*a)) && !wrong;
                assert_eq!(done, fits);
                if fits {
                    model = changed;
                }
                let rows = sql.query("SELECT a FROM pair ORDER BY a", vec![]).await.unwrap();
                let found: Vec<_> = rows.iter().map(|it| it.int(0).unwrap()).collect();
                assert_eq!(found, model.iter().copied().collect::<Vec<_>>());
            }
        });
    }

    #[test]
    fn each_argument_binds_to_its_own_number(
        order in prop::collection::vec(1usize..=9, 1..20)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let sql = SqliteSql::in_memory().unwrap();
            let places: Vec<_> = order.iter().map(|n| format!("${n} /* ${} */", n + 1)).collect();
            // The last one makes sure that all nine are used.
            let text = format!("SELECT {}, $9", places.join(", "));
            let args = (1..=9i64).map(|n| Value::from(n * 100)).collect();
            let rows = sql.query(&text, args).await.unwrap();
            for (index, n) in order.iter().enumerate() {
                assert_eq!(rows[0].int(index).unwrap(), i64::try_from(*n).unwrap() * 100);
            }
        });
    }
}
