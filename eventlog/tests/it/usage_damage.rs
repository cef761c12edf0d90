//! What was changed in the files of a usage log is found, and never returned as if it had been
//! appended.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use eventlog::usage::{OpenError, Place, ReadError, SqliteUsageLog, StoredBlock, UsageLog};
use proptest::{prelude::*, sample::Index};
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::usage_sqlite::{DAY, LANE, OPTIONS, TODAY, a_block, a_log_of_three_days, everything, fill, place};

const YESTERDAY: &str = "2026-11-23.db";
const BLOCKS: u64 = 8;

/// Three days of a killed process: today's blocks lie half in the file, half in the write-ahead log.
async fn a_killed_log(folder: &Path) {
    a_log_of_three_days(folder, BLOCKS / 2).await;
    let log = SqliteUsageLog::open(folder, OPTIONS).unwrap();
    fill(&log, DAY, BLOCKS / 2).await;
}

fn refusal(folder: &Path) -> OpenError {
    SqliteUsageLog::open(folder, OPTIONS).err().unwrap()
}

/// Changes a file as no trigger would let one, and leaves the triggers as they were.
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

/// What one is told when the whole log is read after that change of a file.
async fn told_after(file: &str, change: &str) -> ReadError {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 3).await;
    without_triggers(&folder.path().join(file), change);
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    everything(&log).await.unwrap_err()
}

#[track_caller]
fn is_damaged(told: &ReadError, at: Place, words: &[&str]) {
    let told = told.to_string();
    assert!(told.starts_with(&format!("lane 0 of the usage log is damaged at {at}: ")), "{told}");
    for word in words {
        assert!(told.contains(word), "{told}");
    }
}

#[tokio::test]
async fn a_changed_block_is_found_where_it_is_read_and_those_after_it_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 3).await;
    let path = folder.path().join(YESTERDAY);
    let mut bytes = fs::read(&path).unwrap();
    let text = format!("block 1 of day {}", DAY - 1);
    let at = bytes.windows(text.len()).position(|it| it == text.as_bytes()).unwrap();
    bytes[at] ^= 0x20;
    fs::write(&path, bytes).unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    let told = everything(&log).await.unwrap_err();
    is_damaged(&told, place(DAY - 1, 2), &["does not fit its hash", YESTERDAY]);
    assert_eq!(log.read(LANE, place(DAY - 1, 2), 7).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_missing_block_is_named_wherever_it_was() {
    let words = ["there is no such block", YESTERDAY];
    for rank in [1, 2] {
        let told = told_after(YESTERDAY, &format!("DELETE FROM blocks WHERE slot = {rank}")).await;
        is_damaged(&told, place(DAY - 1, rank), &words);
    }
    // The end of a day is missed by the next.
    let told = told_after(YESTERDAY, "DELETE FROM blocks WHERE slot = 3").await;
    is_damaged(&told, place(DAY, 1), &["after which it begins, is not there", TODAY]);
}

#[tokio::test]
async fn blocks_that_changed_places_are_found() {
    let swapped = "UPDATE blocks SET slot = -slot WHERE slot IN (1, 2); UPDATE blocks SET slot = 3 + slot WHERE slot < 0";
    is_damaged(&told_after(YESTERDAY, swapped).await, place(DAY - 1, 1), &["does not fit its hash"]);
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 3).await;
    fs::copy(folder.path().join("2026-11-22.db"), folder.path().join(YESTERDAY)).unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    is_damaged(&everything(&log).await.unwrap_err(), place(DAY - 1, 1), &["does not fit its hash"]);
}

#[tokio::test]
async fn a_missing_day_is_noticed_at_the_start_at_once_and_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 3).await;
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    fs::rename(folder.path().join(YESTERDAY), folder.path().join("elsewhere")).unwrap();
    is_damaged(&everything(&log).await.unwrap_err(), place(DAY - 1, 1), &["is gone", YESTERDAY]);
    drop(log);
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    is_damaged(&everything(&log).await.unwrap_err(), place(DAY, 1), &["is not there", TODAY]);
    drop(log);
    fs::rename(folder.path().join("elsewhere"), folder.path().join(YESTERDAY)).unwrap();
    fs::remove_file(folder.path().join("2026-11-22.db")).unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    is_damaged(&everything(&log).await.unwrap_err(), place(DAY - 1, 1), &["is not there", YESTERDAY]);
    // Who has read them goes on.
    assert_eq!(log.read(LANE, place(DAY - 2, 3), 7).await.unwrap().len(), 6);
    drop(log);
    fs::remove_file(folder.path().join(TODAY)).unwrap();
    let refused = refusal(folder.path());
    assert!(matches!(refused, OpenError::Shorter { .. }), "{refused}");
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_refused_with_both_places_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    a_killed_log(folder.path()).await;
    let wal = folder.path().join(format!("{TODAY}-wal"));
    let kept = fs::read(&wal).unwrap();
    fs::remove_file(&wal).unwrap();
    let refused = refusal(folder.path());
    let (half, whole) = (place(DAY, BLOCKS / 2), place(DAY, BLOCKS));
    assert!(matches!(refused, OpenError::Shorter { head, seen, .. } if head == half && seen == whole));
    for said in [&*half.to_string(), &*whole.to_string(), "head`", "put back"] {
        assert!(refused.to_string().contains(said), "{refused}");
    }
    fs::write(&wal, kept).unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    assert_eq!(everything(&log).await.unwrap().len() as u64, BLOCKS * 2);
}

#[tokio::test]
async fn a_day_that_is_empty_beside_its_write_ahead_log_is_refused_and_the_log_stays() {
    let folder = tempfile::tempdir().unwrap();
    a_killed_log(folder.path()).await;
    let wal = folder.path().join(format!("{TODAY}-wal"));
    let kept = fs::read(&wal).unwrap();
    fs::write(folder.path().join(TODAY), "").unwrap();
    let refused = refusal(folder.path());
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    assert!(fs::read(&wal).unwrap() == kept);
    // Also without it: blocks were acknowledged in this file.
    fs::remove_file(&wal).unwrap();
    let refused = refusal(folder.path());
    assert!(matches!(refused, OpenError::Shorter { .. }), "{refused}");
    assert!(folder.path().join(TODAY).exists());
}

#[tokio::test]
async fn a_mark_that_is_gone_damaged_or_older_is_no_false_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("head");
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    fill(&log, DAY - 1, 2).await;
    let yesterday = fs::read(&mark).unwrap();
    fill(&log, DAY, 1).await;
    let older = fs::read(&mark).unwrap();
    fill(&log, DAY, 2).await;
    drop(log);
    for spoiled in [&yesterday[..], &older, b"no mark", b""] {
        fs::write(&mark, spoiled).unwrap();
        let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
        assert_eq!(everything(&log).await.unwrap().len(), 5);
    }
    fs::remove_file(&mark).unwrap();
    assert_eq!(everything(&SqliteUsageLog::open(folder.path(), OPTIONS).unwrap()).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_log_with_another_block_at_the_mark_is_refused() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, number) in [(&folder, 1), (&other, 2)] {
        let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
        log.append(LANE, a_block(DAY, number)).await.unwrap();
        log.close().await;
    }
    fs::copy(other.path().join(TODAY), folder.path().join(TODAY)).unwrap();
    let refused = refusal(folder.path());
    assert!(matches!(refused, OpenError::OtherBlock { place: at, .. } if at == place(DAY, 1)), "{refused}");
}

/// What one gets to see: nothing, or these blocks.
fn seen_in(runtime: &Runtime, folder: &Path) -> Option<Vec<StoredBlock>> {
    let log = SqliteUsageLog::open(folder, OPTIONS).ok()?;
    runtime.block_on(everything(&log)).ok()
}

/// The files of a log, byte for byte; SQLite makes its shared memory anew.
type Files = BTreeMap<String, Vec<u8>>;

fn files_of(folder: &Path) -> Files {
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let kept = names.filter(|it| !it.ends_with("-shm") && it != "ballast");
    kept.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

#[test]
fn a_flipped_bit_in_any_file_is_found_or_changes_nothing_600_times() {
    let (folder, flipped) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let runtime = Runtime::new().unwrap();
    runtime.block_on(a_killed_log(folder.path()));
    let whole = files_of(folder.path());
    assert_eq!(whole.len(), 5, "{:?}", whole.keys());
    let promised = seen_in(&runtime, folder.path()).unwrap();
    assert_eq!(promised.len() as u64, 2 * BLOCKS);
    let found = AtomicUsize::new(0);
    let places = (0..whole.len(), any::<bool>(), any::<Index>(), 0..8_u32);
    proptest!(ProptestConfig::with_cases(600), |((file, is_at_head, at, bit) in places)| {
        let mut files = whole.clone();
        let bytes = files.values_mut().nth(file).unwrap();
        // Half of them where the file says how to read the rest.
        let most = if is_at_head { bytes.len().min(512) } else { bytes.len() };
        bytes[at.index(most)] ^= 1 << bit;
        for entry in fs::read_dir(flipped.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        for (name, bytes) in &files {
            fs::write(flipped.path().join(name), bytes).unwrap();
        }
        match seen_in(&runtime, flipped.path()) {
            Some(seen) => prop_assert_eq!(&seen, &promised),
            None => drop(found.fetch_add(1, Ordering::Relaxed)),
        }
    });
    println!("{} of 600 flipped bits were found, the others changed nothing", found.into_inner());
}
