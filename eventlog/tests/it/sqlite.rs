//! What the SQLite file promises beyond the contract.

use std::{fs, path::Path};

use bytes::Bytes;
use eventlog::{
    Append, AppendError, EventLog, Limit, NewRecord, OpenError, Position, ReadError, SqliteLog, StoredRecord,
    StreamName, Version,
};
use rusqlite::Connection;

const PAGE: Limit = Limit { records: 100, bytes: 1024 * 1024 };

/// A record for the stream of that name at that version.
pub(crate) fn an_append(stream: &str, expected: u64) -> Append {
    let text = format!("record {expected} of {stream}");
    let mut event_id = [0; 16];
    event_id[0] = u8::try_from(expected).unwrap();
    Append {
        stream: StreamName::new(stream),
        expected: Version(expected),
        records: vec![NewRecord { event_id, bytes: Bytes::from(text) }],
    }
}

/// Appends that many records to one stream that does not exist yet.
pub(crate) async fn fill(log: &SqliteLog, records: u64) {
    for version in 0..records {
        log.append(an_append("role-1", version)).await.unwrap();
    }
}

pub(crate) async fn everything(log: &SqliteLog) -> Result<Vec<StoredRecord>, ReadError> {
    log.read_all(Position(0), PAGE).await.map(|page| page.records)
}

/// A closed ledger of that many records.
pub(crate) async fn a_file_of(path: &Path, records: u64) {
    let log = SqliteLog::open(path).unwrap();
    fill(&log, records).await;
    log.close().await;
}

#[tokio::test]
async fn the_file_itself_refuses_to_change_or_delete_records() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 1).await;
    let file = Connection::open(&path).unwrap();
    for (statement, refusal) in [
        ("UPDATE records SET bytes = x'00'", "records are never changed"),
        ("DELETE FROM records", "records are never deleted"),
    ] {
        let refused = file.execute(statement, []).unwrap_err();
        assert_eq!(refused.to_string(), refusal);
    }
    assert_eq!(file.query_row("SELECT count(*) FROM records", [], |row| row.get(0)), Ok(1));
}

#[tokio::test]
async fn an_answered_append_is_in_the_files_before_anything_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("ledger.db"), folder.path().join("copy.db"));
    let log = SqliteLog::open(&path).unwrap();
    fill(&log, 3).await;
    fs::copy(&path, &copy).unwrap();
    fs::copy(folder.path().join("ledger.db-wal"), folder.path().join("copy.db-wal")).unwrap();
    let found = SqliteLog::open(&copy).unwrap();
    assert_eq!(everything(&found).await, everything(&log).await);
    assert_eq!(everything(&found).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_closed_ledger_is_one_file_and_its_mark() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 3).await;
    let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["ledger.db", "ledger.db-head"]);
    let found = SqliteLog::open(&path).unwrap();
    assert_eq!(everything(&found).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_closed_ledger_refuses_and_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path().join("ledger.db")).unwrap();
    fill(&log, 1).await;
    log.close().await;
    log.close().await;
    let refused = log.append(an_append("role-1", 1)).await;
    assert_eq!(refused, Err(AppendError::Unavailable("it is closed".to_owned())));
    assert_eq!(log.is_writable(), Err("the ledger takes no records: it is closed".to_owned()));
    let refused = log.read_streams(&[(StreamName::new("role-2"), Version(0))]).await;
    assert_eq!(refused, Err(ReadError::Unavailable("it is closed".to_owned())));
}

#[tokio::test]
async fn a_second_value_reads_the_file_while_it_grows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let log = SqliteLog::open(&path).unwrap();
    fill(&log, 2).await;
    let other = SqliteLog::open_read_only(&path).unwrap();
    assert_eq!(*other.head().borrow(), Position(2));
    assert_eq!(everything(&other).await, everything(&log).await);
    log.append(an_append("role-1", 2)).await.unwrap();
    assert_eq!(everything(&other).await.unwrap().len(), 3);
    assert_eq!(*other.head().borrow(), Position(3));
    let stream = other.read_streams(&[(StreamName::new("role-1"), Version(1))]).await.unwrap();
    assert_eq!(stream[0].len(), 2);
    let refused = other.append(an_append("role-1", 3)).await;
    assert_eq!(other.is_writable(), Err(refused.unwrap_err().to_string()));
}

#[tokio::test]
async fn a_closed_file_can_be_read_without_its_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 2).await;
    let other = SqliteLog::open_read_only(&path).unwrap();
    assert_eq!(everything(&other).await.unwrap().len(), 2);
}

#[tokio::test]
async fn long_streams_are_read_whole_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let log = SqliteLog::open(&path).unwrap();
    let mut append = an_append("long", 0);
    append.records = vec![append.records[0].clone(); 2_500];
    log.append(append).await.unwrap();
    log.close().await;
    let found = SqliteLog::open(&path).unwrap();
    for (after, rest) in [(0, 2_500), (499, 2_001), (1_500, 1_000), (2_500, 0)] {
        let streams = found.read_streams(&[(StreamName::new("long"), Version(after))]).await.unwrap();
        assert_eq!(streams[0].len(), rest);
        assert!(streams[0].iter().map(|it| it.version.0).eq(after + 1..=2_500));
    }
}

#[test]
fn a_file_that_is_no_ledger_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "dear diary, ".repeat(100)).unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE notes (note)").unwrap();
    for (path, why) in [(text, "it is no SQLite database"), (other, "another application made it")] {
        let before = fs::read(&path).unwrap();
        let refused = SqliteLog::open(&path).err().unwrap().to_string();
        assert_eq!(refused, format!("`{}` is not a ledger: {why}", path.display()));
        assert!(SqliteLog::open_read_only(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn what_is_read_only_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let refused = SqliteLog::open_read_only(&path).err().unwrap();
    assert!(matches!(refused, OpenError::Engine { .. }), "{refused}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_ledger_of_a_later_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 1).await;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let refused = SqliteLog::open(&path).err().unwrap();
    assert!(matches!(refused, OpenError::OtherSchema { found: 2, known: 1, .. }), "{refused}");
}

#[tokio::test]
async fn a_ledger_whose_triggers_were_dropped_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 1).await;
    let file = Connection::open(&path).unwrap();
    file.execute_batch("DROP TRIGGER records_are_never_deleted").unwrap();
    let refused = SqliteLog::open(&path).err().unwrap();
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
}
