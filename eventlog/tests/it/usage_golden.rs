//! A usage log that was written once, and must be readable for ever.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use eventlog::usage::{NewBlock, Place, SqliteUsageLog, UsageLog};

use crate::usage_sqlite::{DAY, LANE, OPTIONS, everything, place};

/// Its blocks: the day, and the bytes.
const BLOCKS: [(u32, &[u8]); 3] =
    [(DAY - 1, b"golden \x00\xff block"), (DAY - 1, b"another"), (DAY, b"today")];

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/usage")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_name() != "ballast" {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Writes the log, where there is none: what was written once is never written again.
async fn write_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    for (day, bytes) in BLOCKS {
        log.append(LANE, NewBlock { day, bytes: bytes.into() }).await.unwrap();
    }
    log.close().await;
    copy(folder.path(), &golden());
}

#[tokio::test]
async fn a_log_that_was_written_once_is_read_and_goes_on() {
    if env::var_os("UPDATE").is_some() && !golden().exists() {
        write_once().await;
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&golden(), folder.path());
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    let read = everything(&log).await.unwrap();
    let places = [place(DAY - 1, 1), place(DAY - 1, 2), place(DAY, 1)];
    assert_eq!(read.iter().map(|it| it.place).collect::<Vec<Place>>(), places);
    assert!(read.iter().map(|it| &it.bytes[..]).eq(BLOCKS.iter().map(|(_, bytes)| *bytes)));
    let next = log.append(LANE, NewBlock { day: DAY, bytes: b"next"[..].into() }).await;
    assert_eq!(next, Ok(place(DAY, 2)));
}
