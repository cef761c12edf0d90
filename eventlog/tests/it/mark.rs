//! The mark beside the ledger: what was acknowledged is there at the next start, or there is none.

use std::{
    fs,
    path::{Path, PathBuf},
};

use eventlog::{EventLog, OpenError, Position, SqliteLog};
use tempfile::TempDir;

use crate::{
    damage::{beside, left_by_a_kill},
    sqlite::{a_file_of, an_append, everything},
};

fn a_folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    (folder, path)
}

fn refusal(path: &Path) -> OpenError {
    SqliteLog::open(path).err().unwrap()
}

async fn records_in(path: &Path) -> usize {
    everything(&SqliteLog::open(path).unwrap()).await.unwrap().len()
}

#[tokio::test]
async fn a_ledger_that_lost_its_end_is_refused_with_both_positions_and_the_remedy() {
    let (_folder, path) = a_folder();
    a_file_of(&path, 3).await;
    left_by_a_kill(&path, 3..7).await;
    let log = fs::read(beside(&path, "-wal")).unwrap();
    fs::remove_file(beside(&path, "-wal")).unwrap();
    let refused = refusal(&path);
    assert!(matches!(refused, OpenError::Shorter { head: Position(3), seen: Position(7), .. }), "{refused}");
    let text = refused.to_string();
    for said in ["ledger.db`", "ledger.db-head`", "ends at position 3", "position 7", "put back"] {
        assert!(text.contains(said), "{text}");
    }
    let reader = SqliteLog::open_read_only(&path).err().unwrap();
    assert!(matches!(reader, OpenError::Shorter { .. }), "{reader}");
    // The remedy that it names.
    fs::write(beside(&path, "-wal"), log).unwrap();
    assert_eq!(records_in(&path).await, 7);
}

#[tokio::test]
async fn a_ledger_with_another_record_at_the_mark_is_refused() {
    let (_folder, path) = a_folder();
    a_file_of(&path, 3).await;
    let (_other_folder, other) = a_folder();
    let log = SqliteLog::open(&other).unwrap();
    for version in 0..4 {
        log.append(an_append("role-2", version)).await.unwrap();
    }
    log.close().await;
    fs::copy(&other, &path).unwrap();
    let refused = refusal(&path);
    assert!(matches!(refused, OpenError::OtherRecord { position: Position(3), .. }), "{refused}");
    assert!(refused.to_string().contains("another record at position 3"), "{refused}");
}

#[tokio::test]
async fn a_ledger_that_is_gone_or_empty_is_not_begun_anew_and_its_log_stays() {
    let (_folder, path) = a_folder();
    left_by_a_kill(&path, 0..3).await;
    let log = fs::read(beside(&path, "-wal")).unwrap();
    for is_marked in [true, false] {
        for is_there in [true, false] {
            let spoiled = if is_there { fs::write(&path, "") } else { fs::remove_file(&path) };
            spoiled.unwrap();
            let refused = refusal(&path);
            let is_named = if is_marked {
                matches!(refused, OpenError::Shorter { head: Position(0), seen: Position(3), .. })
            } else {
                matches!(refused, OpenError::Damaged { .. })
            };
            assert!(is_named, "{refused}");
            assert!(SqliteLog::open_read_only(&path).is_err());
            assert!(fs::read(beside(&path, "-wal")).unwrap() == log);
            assert_eq!(path.exists(), is_there);
        }
        fs::remove_file(beside(&path, "-head")).ok();
        fs::write(&path, "").unwrap();
    }
}

#[tokio::test]
async fn a_mark_that_is_gone_damaged_or_older_is_no_false_alarm() {
    let (_folder, path) = a_folder();
    let mark = beside(&path, "-head");
    left_by_a_kill(&path, 0..3).await;
    let older = fs::read(&mark).unwrap();
    left_by_a_kill(&path, 3..5).await;
    fs::write(&mark, &older).unwrap();
    assert_eq!(records_in(&path).await, 5);
    fs::write(&mark, "no mark").unwrap();
    assert_eq!(records_in(&path).await, 5);
    fs::remove_file(&mark).unwrap();
    assert_eq!(records_in(&path).await, 5);
    // The next commit makes it again.
    left_by_a_kill(&path, 5..6).await;
    fs::remove_file(beside(&path, "-wal")).unwrap();
    assert!(matches!(refusal(&path), OpenError::Shorter { seen: Position(6), .. }));
}

#[tokio::test]
async fn whoever_was_answered_finds_the_mark_written() {
    let (_folder, path) = a_folder();
    let log = SqliteLog::open(&path).unwrap();
    for version in 0..20 {
        log.append(an_append("role-1", version)).await.unwrap();
        let mark = fs::read(beside(&path, "-head")).unwrap();
        assert_eq!(mark[4..12], (version + 1).to_be_bytes());
    }
    log.append(an_append("role-1", 7)).await.unwrap();
    let mark = fs::read(beside(&path, "-head")).unwrap();
    assert_eq!(mark[4..12], 20_u64.to_be_bytes(), "a repeat stores nothing, and moves no mark");
}
