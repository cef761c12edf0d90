//! A disk that is full: what finds no space is refused, nothing is lost, and it goes on by itself.

use std::{fs, path::Path};

use bytes::Bytes;
use eventlog::{
    Append, AppendError, EventLog, Limit, NewRecord, Position, SqliteLog, StreamName, Version,
    usage::{self, NewBlock, Options, SqliteUsageLog, UsageLog},
};
use rusqlite::Connection;

use crate::{
    damage::beside,
    small_disk::SmallDisk,
    usage_sqlite::{DAY, LANE, OPTIONS, TODAY},
};

/// Bytes of a write-ahead log that fills the memory which SQLite shares for the first 4,062 frames.
const NEARLY_SHARED: u64 = 4_050 * 4_120;

fn an_append(version: u64) -> Append {
    let mut event_id = [0; 16];
    event_id[..8].copy_from_slice(&version.to_be_bytes());
    let record = NewRecord { event_id, bytes: Bytes::from(vec![7; 30_000]) };
    Append { stream: StreamName::new("role-1"), expected: Version(version), records: vec![record] }
}

/// Somebody who reads the file from now on, so that its write-ahead log cannot begin anew.
fn a_reader(path: &Path, table: &str) -> Connection {
    let file = Connection::open(path).unwrap();
    file.execute_batch("BEGIN").unwrap();
    file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap();
    file
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

#[tokio::test]
async fn a_ledger_on_a_full_disk_refuses_and_goes_on_when_there_is_space() {
    for spare in [0, 24_000, 40_000, 60_000, 100_000] {
        let disk = SmallDisk::of(48);
        let path = disk.path("ledger.db");
        let log = SqliteLog::open(&path).unwrap();
        log.append(an_append(0)).await.unwrap();
        let _reader = a_reader(&path, "records");
        let mut version = 1;
        while length(&beside(&path, "-wal")) < NEARLY_SHARED {
            log.append(an_append(version)).await.unwrap();
            version += 1;
        }
        disk.fill(spare);
        let refused = loop {
            match log.append(an_append(version)).await {
                Ok(_) => version += 1,
                Err(error) => break error,
            }
        };
        // What lies on the disk, but not in SQLite's shared memory, may come back after a start.
        let is_open = matches!(refused, AppendError::Unknown(_));
        assert!(is_open || refused == AppendError::Full, "{refused}, with {spare} bytes to spare");
        assert_eq!(log.is_writable(), Ok(()));
        disk.make_room();
        let appended = log.append(an_append(version)).await.unwrap();
        assert_eq!(appended.position, Position(version + 1));
        drop(log);
        let log = SqliteLog::open(&path).unwrap();
        let page = log.read_all(Position(0), Limit { records: 10_000, bytes: usize::MAX }).await.unwrap();
        assert_eq!(page.records.len() as u64, version + 1);
    }
}

#[tokio::test]
async fn a_usage_log_on_a_full_disk_refuses_and_goes_on_when_there_is_space() {
    for spare in [0, 24_000, 40_000, 60_000, 100_000] {
        let disk = SmallDisk::of(48);
        let path = disk.path(TODAY);
        let log = SqliteUsageLog::open(disk.path(""), Options { ..OPTIONS }).unwrap();
        let block = NewBlock { day: DAY, bytes: vec![7; 30_000].into() };
        log.append(LANE, block.clone()).await.unwrap();
        let _reader = a_reader(&path, "blocks");
        while length(&beside(&path, "-wal")) < NEARLY_SHARED {
            log.append(LANE, block.clone()).await.unwrap();
        }
        disk.fill(spare);
        let refused = loop {
            if let Err(error) = log.append(LANE, block.clone()).await {
                break error;
            }
        };
        assert_eq!(refused, usage::AppendError::Full, "with {spare} bytes to spare");
        disk.make_room();
        log.append(LANE, block.clone()).await.unwrap();
    }
}
