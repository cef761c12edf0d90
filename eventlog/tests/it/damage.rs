//! What was changed in the file is found, and never returned as if it had been appended.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use eventlog::{EventLog, OpenError, Position, ReadError, SqliteLog, StoredRecord, StreamName, Version};
use proptest::{prelude::*, sample::Index};
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::sqlite::{a_file_of, an_append, everything};

const RECORDS: u64 = 40;

#[tokio::test]
async fn a_changed_byte_of_a_record_is_found_where_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 3).await;
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(18).position(|it| it == b"record 1 of role-1").unwrap();
    bytes[at] ^= 0x20;
    fs::write(&path, bytes).unwrap();
    let log = SqliteLog::open(&path).unwrap();
    let why = "its bytes do not fit its leaf".to_owned();
    let damaged = ReadError::Damaged { position: Position(2), why };
    assert_eq!(everything(&log).await, Err(damaged.clone()));
    let stream = StreamName::new("role-1");
    assert_eq!(log.read_streams(&[(stream.clone(), Version(0))]).await, Err(damaged));
    assert_eq!(log.read_streams(&[(stream, Version(2))]).await.unwrap()[0].len(), 1);
}

#[tokio::test]
async fn a_missing_record_refuses_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    for missing in [1, 2] {
        for file in ["ledger.db", "ledger.db-head"] {
            fs::remove_file(folder.path().join(file)).ok();
        }
        a_file_of(&path, 3).await;
        without_triggers(&path, &format!("DELETE FROM records WHERE position = {missing}"));
        let refused = SqliteLog::open(&path).err().unwrap();
        let promised = format!("no record at position {missing}");
        assert!(matches!(&refused, OpenError::Damaged { why, .. } if *why == promised), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_that_is_found_while_the_ledger_is_used_ends_the_writing_and_not_the_reading() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 3).await;
    without_triggers(&path, "DELETE FROM records WHERE position = 2");
    let log = Arc::new(SqliteLog::open_unchecked(&path).unwrap());
    assert_eq!(log.is_writable(), Ok(()));
    log.append(an_append("role-2", 0)).await.unwrap();
    let found = log.check().await.unwrap_err().to_string();
    assert!(found.contains("no record at position 2"), "{found}");
    let refused = log.append(an_append("role-2", 1)).await.unwrap_err().to_string();
    assert!(refused.contains("no record at position 2"), "{refused}");
    assert!(log.is_writable().unwrap_err().contains("no record at position 2"));
    assert_eq!(log.read_streams(&[(StreamName::new("role-2"), Version(0))]).await.unwrap()[0].len(), 1);
    log.close().await;
    assert!(folder.path().join("ledger.db-wal").exists(), "what may be evidence stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_whole_passes_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 3).await;
    let log = Arc::new(SqliteLog::open_unchecked(&path).unwrap());
    for version in 0..20 {
        let (checked, appended) = tokio::join!(log.check(), log.append(an_append("role-2", version)));
        checked.unwrap();
        appended.unwrap();
    }
}

#[tokio::test]
async fn a_check_that_comes_to_a_closed_ledger_is_broken_off_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 3).await;
    let log = Arc::new(SqliteLog::open_unchecked(&path).unwrap());
    log.close().await;
    let refused = log.check().await.unwrap_err();
    assert!(matches!(&refused, OpenError::Engine { .. }) && !refused.is_of_the_file(), "{refused}");
    assert!(!folder.path().join("ledger.db-shm").exists());
}

#[tokio::test]
async fn a_version_that_was_skipped_is_found_when_the_stream_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    a_file_of(&path, 3).await;
    without_triggers(&path, "UPDATE records SET stream = 'role-2' WHERE position = 2");
    let log = SqliteLog::open(&path).unwrap();
    let read = log.read_streams(&[(StreamName::new("role-1"), Version(0))]).await;
    let why = "version 2 of stream role-1 is missing before it".to_owned();
    assert_eq!(read, Err(ReadError::Damaged { position: Position(3), why }));
}

#[tokio::test]
async fn a_refused_start_leaves_both_files_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (path, beside) = (folder.path().join("ledger.db"), folder.path().join("ledger.db-wal"));
    a_file_of(&path, 3).await;
    left_by_a_kill(&path, 3..6).await;
    let mut facts = fs::read(&beside).unwrap();
    let at = facts.windows(18).position(|it| it == b"record 3 of role-1").unwrap();
    facts[at] ^= 0x20;
    fs::write(&beside, &facts).unwrap();
    let ledger = fs::read(&path).unwrap();
    for _ in 0..2 {
        assert!(SqliteLog::open(&path).is_err());
        assert!(fs::read(&beside).unwrap() == facts, "the write-ahead log was touched");
        assert!(fs::read(&path).unwrap() == ledger, "the ledger was touched");
    }
}

#[tokio::test]
async fn a_ledger_that_is_opened_and_not_closed_is_not_folded() {
    let folder = tempfile::tempdir().unwrap();
    let (path, beside) = (folder.path().join("ledger.db"), folder.path().join("ledger.db-wal"));
    left_by_a_kill(&path, 0..3).await;
    let (ledger, facts) = (fs::read(&path).unwrap(), fs::read(&beside).unwrap());
    // As whoever opens a ledger and finds that it lacks what was seen.
    let log = SqliteLog::open(&path).unwrap();
    assert_eq!(everything(&log).await.unwrap().len(), 3);
    drop(log);
    drop(SqliteLog::open_read_only(&path).unwrap());
    assert!(fs::read(&beside).unwrap() == facts && fs::read(&path).unwrap() == ledger);
    SqliteLog::open(&path).unwrap().close().await;
    assert!(!beside.exists());
}

/// Appends these versions to the one stream, and leaves the files as a killed process does.
pub(crate) async fn left_by_a_kill(path: &Path, versions: Range<u64>) {
    let log = SqliteLog::open(path).unwrap();
    for version in versions {
        log.append(an_append("role-1", version)).await.unwrap();
    }
}

/// Changes the file as no trigger would let one, and leaves the triggers as they were.
fn without_triggers(path: &Path, change: &str) {
    let file = Connection::open(path).unwrap();
    let triggers: Vec<(String, String)> = file
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")
        .and_then(|mut it| it.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .unwrap();
    for (name, _) in &triggers {
        file.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    file.execute_batch(change).unwrap();
    for (_, sql) in &triggers {
        file.execute_batch(sql).unwrap();
    }
}

/// What one gets to see of a file: nothing, or these records.
fn seen_in(runtime: &Runtime, path: &Path) -> Option<Vec<StoredRecord>> {
    let log = SqliteLog::open(path).ok()?;
    runtime.block_on(everything(&log)).ok()
}

/// All but the event id, which has no hash of its own: the record holds it a second time.
fn without_ids(records: Vec<StoredRecord>) -> Vec<StoredRecord> {
    records.into_iter().map(|it| StoredRecord { event_id: [0; 16], ..it }).collect()
}

/// The files of one ledger, byte for byte.
#[derive(Clone)]
struct Files {
    ledger: Vec<u8>,
    log: Vec<u8>,
    mark: Vec<u8>,
}

impl Files {
    fn of(path: &Path) -> Self {
        let read = |suffix| fs::read(beside(path, suffix)).unwrap();
        Self { ledger: read(""), log: read("-wal"), mark: read("-head") }
    }

    /// Puts them where one ledger is put after another.
    fn put(&self, path: &Path) {
        for (suffix, bytes) in [("", &self.ledger), ("-wal", &self.log), ("-head", &self.mark)] {
            fs::write(beside(path, suffix), bytes).unwrap();
        }
        fs::remove_file(beside(path, "-shm")).ok();
    }
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    format!("{}{suffix}", path.display()).into()
}

/// Half of the records in the file, half in the write-ahead log of a killed process.
fn killed(runtime: &Runtime, path: &Path) -> Files {
    runtime.block_on(async {
        a_file_of(path, RECORDS / 2).await;
        left_by_a_kill(path, RECORDS / 2..RECORDS).await;
    });
    Files::of(path)
}

/// One bit of one of the files.
#[derive(Clone, Debug)]
enum Flip {
    Ledger(Index),
    Log(Index),
    /// Of its first 32 bytes, which say how to read the rest.
    HeadOfLog(Index),
    Mark(Index),
}

impl Flip {
    fn any() -> impl Strategy<Value = (Self, u32)> {
        let file = prop_oneof![
            4 => any::<Index>().prop_map(Self::Ledger),
            4 => any::<Index>().prop_map(Self::Log),
            1 => any::<Index>().prop_map(Self::HeadOfLog),
            1 => any::<Index>().prop_map(Self::Mark),
        ];
        (file, 0..8_u32)
    }

    fn do_to(&self, files: &mut Files, bit: u32) {
        let (bytes, at) = match self {
            Self::Ledger(at) => (&mut files.ledger[..], at),
            Self::Log(at) => (&mut files.log[..], at),
            Self::HeadOfLog(at) => (&mut files.log[..32], at),
            Self::Mark(at) => (&mut files.mark[..], at),
        };
        bytes[at.index(bytes.len())] ^= 1 << bit;
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, flipped) = (folder.path().join("ledger.db"), folder.path().join("flipped.db"));
    let runtime = Runtime::new().unwrap();
    let whole = killed(&runtime, &path);
    let promised = without_ids(seen_in(&runtime, &path).unwrap());
    assert_eq!(promised.len() as u64, RECORDS);
    proptest!(ProptestConfig::with_cases(600), |((flip, bit) in Flip::any())| {
        let mut files = whole.clone();
        flip.do_to(&mut files, bit);
        files.put(&flipped);
        if let Some(seen) = seen_in(&runtime, &flipped) {
            prop_assert_eq!(without_ids(seen), promised.clone());
        }
    });
}
