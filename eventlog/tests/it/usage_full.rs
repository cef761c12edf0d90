//! A disk that is full, on a small file system of the test's own.

use std::{
    fs,
    num::NonZeroU16,
    path::Path,
    time::{Duration, Instant},
};

use eventlog::usage::{AppendError, NewBlock, NotWritable, Options, Place, SqliteUsageLog, UsageLog};

use crate::{
    small_disk::SmallDisk,
    usage_sqlite::{DAY, LANE, everything},
};

const BALLAST: u64 = 2 << 20;
const OPTIONS: Options = Options { lanes: NonZeroU16::MIN, ballast_bytes: BALLAST };

fn open(disk: &SmallDisk) -> SqliteUsageLog {
    SqliteUsageLog::open(disk.path("usage"), OPTIONS).unwrap()
}

fn a_block() -> NewBlock {
    NewBlock { day: DAY, bytes: vec![7; 20_000].into() }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < until, "not within 10 s: {what}");
        tokio::task::yield_now().await;
    }
}

async fn until_there_is_a_ballast(folder: &Path) {
    let is_there = || fs::metadata(folder.join("ballast")).is_ok_and(|it| it.len() == BALLAST);
    until("there is a ballast", is_there).await;
}

/// Appends until that fails; where the blocks lie, and why the last does not.
async fn append_until_refused(log: &SqliteUsageLog) -> (Vec<Place>, AppendError) {
    let mut places = Vec::new();
    loop {
        match log.append(LANE, a_block()).await {
            Ok(place) => places.push(place),
            Err(error) => return (places, error),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_lived_through_on_the_ballast_and_left_without_a_restart() {
    let disk = SmallDisk::of(16);
    let log = open(&disk);
    until_there_is_a_ballast(&disk.path("usage")).await;
    let mut promised = vec![log.append(LANE, a_block()).await.unwrap()];
    assert_eq!(log.is_writable(), Ok(()));
    disk.fill(100_000);
    let (stored, refused) = append_until_refused(&log).await;
    // More than half of it is for blocks; the rest is what SQLite needs beside them.
    let most = (BALLAST + 100_000) / 20_000;
    println!("{} blocks were stored on a full disk, where {most} would have fitted", stored.len());
    assert!(most / 2 <= stored.len() as u64, "{}", stored.len());
    promised.extend(stored);
    for _ in 0..3 {
        assert_eq!(
            (log.append(LANE, a_block()).await, &refused),
            (Err(AppendError::Full), &AppendError::Full)
        );
    }
    let why = "the disk was full, and the ballast of 2097152 bytes is not restored yet".to_owned();
    assert_eq!(log.is_writable(), Err(NotWritable::Short(why)));
    let seen: Vec<_> = everything(&log).await.unwrap().iter().map(|it| it.place).collect();
    assert_eq!(seen, promised, "reading goes on");

    disk.make_room();
    promised.push(log.append(LANE, a_block()).await.unwrap());
    until("the log says that it is writable", || log.is_writable().is_ok()).await;
    until_there_is_a_ballast(&disk.path("usage")).await;
    log.close().await;
    let seen: Vec<_> = everything(&open(&disk)).await.unwrap().iter().map(|it| it.place).collect();
    assert_eq!(seen, promised);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_block_that_finds_no_space_releases_the_ballast_and_is_stored() {
    let disk = SmallDisk::of(16);
    let log = open(&disk);
    until_there_is_a_ballast(&disk.path("usage")).await;
    log.append(LANE, a_block()).await.unwrap();
    disk.fill(0);
    while log.is_writable().is_ok() {
        log.append(LANE, a_block()).await.unwrap();
    }
    assert_eq!(fs::metadata(disk.path("usage").join("ballast")).unwrap().len(), 0);
    log.append(LANE, a_block()).await.unwrap();
    assert!(log.is_writable().is_err(), "blocks are taken, but what can wait is to be refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_that_begins_on_a_full_disk_begins_on_the_ballast() {
    let disk = SmallDisk::of(16);
    let log = open(&disk);
    until_there_is_a_ballast(&disk.path("usage")).await;
    log.append(LANE, a_block()).await.unwrap();
    disk.fill(0);
    let tomorrow = NewBlock { day: DAY + 1, ..a_block() };
    let place = log.append(LANE, tomorrow.clone()).await.unwrap();
    assert_eq!(place.day(), DAY + 1);
    let (_, refused) = append_until_refused(&log).await;
    assert_eq!(refused, AppendError::Full);
    assert_eq!(log.append(LANE, NewBlock { day: DAY + 2, ..tomorrow.clone() }).await, Err(AppendError::Full));
    disk.make_room();
    let place = log.append(LANE, NewBlock { day: DAY + 2, ..tomorrow }).await.unwrap();
    assert_eq!(place.day(), DAY + 2);
    everything(&log).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_cannot_hold_the_ballast_is_used_without() {
    let disk = SmallDisk::of(2);
    let log = open(&disk);
    log.append(LANE, a_block()).await.unwrap();
    assert_eq!(log.is_writable(), Ok(()));
    let (stored, refused) = append_until_refused(&log).await;
    assert_eq!(refused, AppendError::Full);
    assert_eq!(log.is_writable(), Err(NotWritable::Short("the disk was full".to_owned())));
    assert_eq!(everything(&log).await.unwrap().len(), stored.len() + 1);
}
