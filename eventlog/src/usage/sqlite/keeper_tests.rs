//! What the writer does when the engine fails.

use std::{num::NonZeroU16, sync::Arc};

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::{
    Shared,
    ballast::Ballast,
    folder::Folder,
    keeper::{Keeper, Request},
    start,
};
use crate::{
    sqlite::{Status, Writer},
    usage::{AppendError, Lane, NewBlock, Place},
};

const DAY: u32 = 20_781;

struct Setting {
    folder: TempDir,
    status: Arc<Status>,
    shared: Arc<Shared>,
    writer: Writer<Request, Keeper>,
}

/// A log with one block, whose writer's connection was prepared by `spoil`.
fn a_log(spoil: impl Fn(&Connection)) -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder, |_| ());
    assert_eq!(append(&first, "first"), Ok(place(1)));
    let Setting { folder, writer, .. } = first;
    drop(writer);
    open(folder, spoil)
}

fn open(folder: TempDir, spoil: impl Fn(&Connection)) -> Setting {
    let opened = start::open(folder.path(), NonZeroU16::MIN).unwrap();
    opened.today.iter().for_each(|it| spoil(&it.connection));
    let ballast = Ballast::open(&folder.path().join("ballast"), 0).unwrap();
    let (shared, status) = (Arc::new(Shared::of(&opened)), Arc::<Status>::default());
    let keeper = Keeper::new(opened, shared.clone(), ballast, status.clone());
    let writer = Writer::start("test-writer", 4, status.clone(), |inbox, _| keeper.work(inbox)).unwrap();
    Setting { folder, status, shared, writer }
}

fn place(rank: u64) -> Place {
    Place(u64::from(DAY) << 32 | rank)
}

fn append(setting: &Setting, text: &str) -> Result<Place, AppendError> {
    append_on(setting, DAY, text)
}

#[tokio::main(flavor = "current_thread")]
async fn append_on(setting: &Setting, day: u32, text: &str) -> Result<Place, AppendError> {
    let (answer, answered) = oneshot::channel();
    let block = NewBlock { day, bytes: text.as_bytes().into() };
    setting.writer.send(Request { lane: Lane(0), block, answer }).await.unwrap();
    answered.await.unwrap()
}

/// How many blocks another process would find.
fn durable_blocks(setting: &Setting) -> i64 {
    let file = Connection::open(Folder::open(setting.folder.path()).unwrap().day(DAY)).unwrap();
    file.query_row("SELECT count(*) FROM blocks", [], |row| row.get(0)).unwrap()
}

#[test]
fn after_a_failed_commit_no_block_is_written_any_more() {
    // A constraint that SQLite checks at the commit stands for a disk that fails there.
    let setting = a_log(|connection| {
        let broken = "PRAGMA foreign_keys = ON;
            CREATE TEMP TABLE sector (id INTEGER PRIMARY KEY);
            CREATE TEMP TABLE written (sector REFERENCES sector DEFERRABLE INITIALLY DEFERRED);
            CREATE TEMP TRIGGER broken AFTER INSERT ON main.blocks
            WHEN NEW.bytes = CAST('unlucky' AS BLOB) BEGIN INSERT INTO written VALUES (1); END";
        connection.execute_batch(broken).unwrap();
    });
    assert_eq!(append(&setting, "lucky"), Ok(place(2)));
    let unknown = append(&setting, "unlucky");
    assert!(matches!(unknown, Err(AppendError::Unknown(_))), "{unknown:?}");
    let why = setting.status.check().unwrap_err();
    assert!(why.contains("stopped at an earlier failure") && why.contains("the commit failed"), "{why}");
    for day in [DAY, DAY + 1] {
        let refused = append_on(&setting, day, "lucky");
        assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");
    }
    assert_eq!(*setting.shared.head(Lane(0)).unwrap().borrow(), place(2));
    assert_eq!(durable_blocks(&setting), 2);
}

#[test]
fn an_error_before_the_commit_refuses_one_block_and_the_next_passes() {
    let setting = a_log(|connection| {
        let broken = "CREATE TEMP TRIGGER broken BEFORE INSERT ON main.blocks
            WHEN NEW.bytes = CAST('unlucky' AS BLOB) BEGIN SELECT RAISE(ABORT, 'no sector'); END";
        connection.execute_batch(broken).unwrap();
    });
    assert_eq!(append(&setting, "unlucky"), Err(AppendError::Unavailable("no sector".to_owned())));
    assert_eq!(append(&setting, "lucky"), Ok(place(2)));
    assert_eq!(setting.status.check(), Ok(()));
}

#[test]
fn a_second_writer_is_noticed_before_it_can_do_harm() {
    let setting = a_log(|_| ());
    let other = Connection::open(Folder::open(setting.folder.path()).unwrap().day(DAY)).unwrap();
    other.execute_batch("INSERT INTO blocks VALUES (2, zeroblob(32), x'00')").unwrap();
    for _ in 0..2 {
        let why = append(&setting, "late").unwrap_err().to_string();
        assert!(why.contains("another process writes to the same usage log"), "{why}");
    }
}

#[test]
fn a_file_that_somebody_else_began_for_the_next_day_is_left_alone() {
    let setting = a_log(|_| ());
    let next = Folder::open(setting.folder.path()).unwrap().day(DAY + 1);
    std::fs::write(&next, "dear diary").unwrap();
    let refused = append_on(&setting, DAY + 1, "tomorrow").unwrap_err().to_string();
    assert!(refused.contains("is no SQLite database"), "{refused}");
    assert_eq!(std::fs::read(&next).unwrap(), b"dear diary");
    std::fs::remove_file(next).unwrap();
    assert_eq!(append_on(&setting, DAY + 1, "tomorrow"), Ok(Place(u64::from(DAY + 1) << 32 | 1)));
}

#[test]
fn a_beginning_that_did_not_come_to_its_end_is_cleared_away() {
    let setting = a_log(|_| ());
    let next = Folder::open(setting.folder.path()).unwrap().day(DAY + 1);
    drop(super::file::begin(&next, &[]).unwrap());
    assert_eq!(append_on(&setting, DAY + 1, "tomorrow"), Ok(Place(u64::from(DAY + 1) << 32 | 1)));
}
