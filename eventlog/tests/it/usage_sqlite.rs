//! What the usage log in SQLite files promises beyond the contract.

use std::{fs, num::NonZeroU16, path::Path, sync::Arc};

use eventlog::usage::{
    AppendError, Lane, NewBlock, NotWritable, OpenError, Options, Place, ReadError, SqliteUsageLog,
    StoredBlock, UsageLog,
};
use rusqlite::Connection;

use crate::damage::beside;

pub(crate) const DAY: u32 = 20_781;
pub(crate) const TODAY: &str = "2026-11-24.db";
pub(crate) const LANE: Lane = Lane(0);
/// The log makes no ballast: these tests are not about it.
pub(crate) const OPTIONS: Options = Options { lanes: NonZeroU16::MIN, ballast_bytes: 0 };

pub(crate) fn place(day: u32, rank: u64) -> Place {
    Place(u64::from(day) << 32 | rank)
}

pub(crate) fn a_block(day: u32, number: u64) -> NewBlock {
    // Long enough to spill over the page that its row lies in.
    let text = format!("block {number} of day {day}, ").repeat(300);
    NewBlock { day, bytes: text.as_bytes().into() }
}

/// Appends that many blocks of a day.
pub(crate) async fn fill(log: &SqliteUsageLog, day: u32, blocks: u64) {
    for number in 0..blocks {
        log.append(LANE, a_block(day, number)).await.unwrap();
    }
}

/// A closed log of three days with that many blocks each.
pub(crate) async fn a_log_of_three_days(folder: &Path, blocks: u64) {
    let log = SqliteUsageLog::open(folder, OPTIONS).unwrap();
    for day in DAY - 2..=DAY {
        fill(&log, day, blocks).await;
    }
    log.close().await;
}

pub(crate) async fn everything(log: &SqliteUsageLog) -> Result<Vec<StoredBlock>, ReadError> {
    let mut all: Vec<StoredBlock> = Vec::new();
    loop {
        let after = all.last().map_or(Place(0), |it| it.place);
        let page = log.read(LANE, after, 7).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_day_is_a_file_and_a_place_says_day_and_rank() {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 2).await;
    let days = ["2026-11-22.db", "2026-11-23.db", "2026-11-24.db"];
    assert_eq!(names(folder.path()), [&days[..], &["ballast", "head"]].concat());
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    let places: Vec<_> = everything(&log).await.unwrap().iter().map(|it| it.place).collect();
    let promised = (DAY - 2..=DAY).flat_map(|day| [place(day, 1), place(day, 2)]);
    assert_eq!(places, promised.collect::<Vec<_>>());
    log.close().await;
    assert_eq!(names(folder.path()).len(), 5, "reading leaves nothing beside the files");
}

#[tokio::test]
async fn a_day_that_went_by_while_it_was_read_leaves_nothing_beside_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    for day in DAY - 3..=DAY {
        fill(&log, day, 3).await;
        everything(&log).await.unwrap();
    }
    log.close().await;
    assert_eq!(names(folder.path()).len(), 6, "{:?}", names(folder.path()));
}

#[tokio::test]
async fn an_answered_block_is_in_the_files_before_anything_is_closed() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    for day in [DAY - 1, DAY] {
        fill(&log, day, 3).await;
    }
    for name in names(folder.path()).iter().filter(|it| !it.ends_with("-shm")) {
        fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let found = SqliteUsageLog::open(copy.path(), OPTIONS).unwrap();
    assert_eq!(everything(&found).await, everything(&log).await);
    assert_eq!(everything(&found).await.unwrap().len(), 6);
}

#[tokio::test]
async fn whoever_was_answered_finds_the_mark_written() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    for (day, rank) in [(DAY, 1), (DAY, 2), (DAY + 1, 1)] {
        log.append(LANE, a_block(day, rank)).await.unwrap();
        let mark = fs::read(folder.path().join("head")).unwrap();
        assert_eq!(mark[6..14], place(day, rank).0.to_be_bytes());
    }
}

#[tokio::test]
async fn the_files_refuse_to_change_or_delete_blocks() {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 1).await;
    let file = Connection::open(folder.path().join(TODAY)).unwrap();
    for table in ["blocks", "lasts"] {
        for (statement, refusal) in [("UPDATE", "changed"), ("DELETE FROM", "deleted")] {
            let set = if statement == "UPDATE" { " SET hash = x'00'" } else { "" };
            let refused = file.execute(&format!("{statement} {table}{set}"), []).unwrap_err();
            assert_eq!(refused.to_string(), format!("{table} are never {refusal}"));
        }
    }
}

#[tokio::test]
async fn opening_and_reading_today_touches_no_other_day() {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 2).await;
    for name in ["2026-11-22.db", "2026-11-23.db"] {
        fs::write(folder.path().join(name), "this is no database").unwrap();
    }
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    assert_eq!(*log.head(LANE).borrow(), place(DAY, 2));
    let page = log.read(LANE, place(DAY, 0), 7).await;
    assert!(matches!(page, Ok(page) if page.len() == 2));
    assert!(matches!(log.read(LANE, place(DAY - 1, 1), 7).await, Err(ReadError::Damaged { .. })));
}

#[tokio::test]
async fn a_closed_log_refuses_and_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    fill(&log, DAY, 1).await;
    log.close().await;
    log.close().await;
    let refused = log.append(LANE, a_block(DAY, 2)).await;
    assert_eq!(refused, Err(AppendError::Unavailable("it is closed".to_owned())));
    assert_eq!(log.is_writable(), Err(NotWritable::Stopped("it is closed".to_owned())));
    let refused = log.read(LANE, Place(0), 1).await;
    assert_eq!(refused, Err(ReadError::Unavailable("it is closed".to_owned())));
}

#[tokio::test]
async fn what_is_no_usage_log_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(TODAY);
    fs::write(&path, "dear diary, ".repeat(100)).unwrap();
    let refused = SqliteUsageLog::open(folder.path(), OPTIONS).err().unwrap();
    assert!(matches!(&refused, OpenError::Foreign { .. }), "{refused}");
    assert!(fs::read(&path).unwrap().starts_with(b"dear diary"));
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (note)").unwrap();
    let refused = SqliteUsageLog::open(folder.path(), OPTIONS).err().unwrap();
    assert!(matches!(&refused, OpenError::Foreign { why, .. } if why == "another application made it"));
}

#[tokio::test]
async fn a_later_schema_and_dropped_triggers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 1).await;
    let file = Connection::open(folder.path().join(TODAY)).unwrap();
    file.pragma_update(None, "user_version", 2).unwrap();
    let refused = SqliteUsageLog::open(folder.path(), OPTIONS).err().unwrap();
    assert!(matches!(refused, OpenError::OtherSchema { found: 2, known: 1, .. }), "{refused}");
    file.pragma_update(None, "user_version", 1).unwrap();
    file.execute_batch("DROP TRIGGER blocks_are_never_deleted").unwrap();
    let refused = SqliteUsageLog::open(folder.path(), OPTIONS).err().unwrap();
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
}

#[tokio::test]
async fn a_day_whose_beginning_was_cut_off_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    a_log_of_three_days(folder.path(), 2).await;
    for rest in ["", "-journal"] {
        fs::write(beside(&folder.path().join("2026-11-25.db"), rest), "").unwrap();
    }
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    assert_eq!(*log.head(LANE).borrow(), place(DAY, 2));
    fill(&log, DAY + 1, 1).await;
    assert_eq!(everything(&log).await.unwrap().len(), 7);
}

#[tokio::test]
async fn lanes_stay_where_fewer_are_asked_for_and_share_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let three = Options { lanes: NonZeroU16::new(3).unwrap(), ..OPTIONS };
    let log = SqliteUsageLog::open(folder.path(), three).unwrap();
    log.append(Lane(2), a_block(DAY, 1)).await.unwrap();
    log.append(LANE, a_block(DAY + 1, 1)).await.unwrap();
    // One file is written at a time.
    assert_eq!(log.append(Lane(2), a_block(DAY, 2)).await, Ok(place(DAY + 1, 1)));
    log.close().await;
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    assert_eq!(log.lanes(), [Lane(0), Lane(1), Lane(2)]);
    let read = log.read(Lane(2), Place(0), 7).await.unwrap();
    assert_eq!(read.iter().map(|it| it.place).collect::<Vec<_>>(), [place(DAY, 1), place(DAY + 1, 1)]);
    assert_eq!(*log.head(Lane(1)).borrow(), Place(0));
}

#[tokio::test]
async fn a_page_ends_after_some_bytes_however_many_blocks_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    let block = NewBlock { day: DAY, bytes: vec![7; eventlog::usage::LARGEST_BLOCK].into() };
    for _ in 0..70 {
        log.append(LANE, block.clone()).await.unwrap();
    }
    assert_eq!(log.read(LANE, Place(0), usize::MAX).await.unwrap().len(), 64);
}

/// Prints what is said of it where the adapter is described.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_block_after_the_other_is_stored_fast_enough_for_100_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(SqliteUsageLog::open(folder.path(), OPTIONS).unwrap());
    let (blocks, bytes) = (400, Arc::<[u8]>::from(vec![7; 24 << 10]));
    let began = std::time::Instant::now();
    for _ in 0..blocks {
        log.append(LANE, NewBlock { day: DAY, bytes: bytes.clone() }).await.unwrap();
    }
    let each = began.elapsed() / blocks;
    println!("a block of 24 KiB in {each:?}, {:.0} a second", 1.0 / each.as_secs_f64());
    assert_eq!(*log.head(LANE).borrow(), place(DAY, u64::from(blocks)));
    log.close().await;
}

/// Prints what is said of it where the decision is.
#[tokio::test]
async fn a_log_of_60_days_opens_as_one_of_few() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    for day in DAY - 59..=DAY {
        log.append(LANE, a_block(day, 1)).await.unwrap();
    }
    log.close().await;
    let began = std::time::Instant::now();
    let log = SqliteUsageLog::open(folder.path(), OPTIONS).unwrap();
    println!("a log of 60 days opens in {:?}", began.elapsed());
    assert_eq!(everything(&log).await.unwrap().len(), 60);
    println!("and is read whole, a block a day, {:?} after that began", began.elapsed());
}
