//! One transaction for several appends, and what becomes of it when the engine fails.

use std::sync::Arc;

use bytes::Bytes;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};

use super::{
    announcer::Announcer,
    file::{self, Opened},
    group::{Ledger, Request},
    mark::note_beside,
    recent::Recent,
};
use crate::{
    ledger::{Append, AppendError, Appended, NewRecord, Position, StreamName, Version},
    sqlite::Status,
};

type Outcome = Result<Appended, AppendError>;

struct Setting {
    folder: TempDir,
    connection: Connection,
    status: Arc<Status>,
}

fn a_file() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let Opened { connection, .. } =
        file::open_to_write(&folder.path().join("ledger.db"), file::Checked::Before).unwrap();
    Setting { folder, connection, status: Arc::default() }
}

fn a_ledger(setting: &Setting) -> (Ledger<'_>, watch::Receiver<Position>) {
    let (head, watched) = watch::channel(Position(0));
    let recent = Arc::new(Recent::new(Position(0)));
    let mark = note_beside(&setting.folder.path().join("ledger.db")).unwrap();
    let announcer = Announcer { mark, recent, head };
    (Ledger::prepare(&setting.connection, announcer, setting.status.clone()).unwrap(), watched)
}

fn an_append(stream: &str, expected: u64, ids: &[u8]) -> Append {
    let records =
        ids.iter().map(|id| NewRecord { event_id: [*id; 16], bytes: Bytes::from(vec![*id; 30_000]) });
    Append { stream: StreamName::new(stream), expected: Version(expected), records: records.collect() }
}

/// Commits the appends as one group; what each was told.
fn outcomes(ledger: &mut Ledger<'_>, appends: &[Append]) -> Vec<Outcome> {
    let (group, answers): (Vec<Request>, Vec<oneshot::Receiver<Outcome>>) =
        appends.iter().cloned().map(Request::new).unzip();
    ledger.commit_group(group);
    answers.into_iter().map(|answer| answer.blocking_recv().unwrap()).collect()
}

fn at(position: u64, version: u64) -> Appended {
    Appended { position: Position(position), version: Version(version) }
}

fn conflict(stream: &str, expected: u64, actual: u64) -> Outcome {
    Err(AppendError::Conflict {
        stream: StreamName::new(stream),
        expected: Version(expected),
        actual: Version(actual),
    })
}

/// How many records another process would find.
fn durable_records(setting: &Setting) -> i64 {
    let file = Connection::open(setting.folder.path().join("ledger.db")).unwrap();
    file.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap()
}

#[test]
fn each_append_of_a_group_sees_those_before_it_and_a_conflict_refuses_only_itself() {
    let setting = a_file();
    let (mut ledger, head) = a_ledger(&setting);
    let first = an_append("role-1", 0, &[1, 2]);
    let group = [
        first.clone(),
        an_append("role-1", 0, &[3]),
        an_append("role-1", 2, &[4]),
        an_append("role-2", 1, &[5]),
        first,
        an_append("role-2", 0, &[6]),
        an_append("role-2", 0, &[7]),
    ];
    let promised = [
        Ok(at(2, 2)),
        conflict("role-1", 0, 2),
        Ok(at(3, 3)),
        conflict("role-2", 1, 0),
        Ok(at(2, 2)),
        Ok(at(4, 1)),
        conflict("role-2", 0, 1),
    ];
    assert_eq!(outcomes(&mut ledger, &group), promised);
    assert_eq!(*head.borrow(), Position(4));
    assert_eq!(durable_records(&setting), 4);
}

#[test]
fn a_caller_that_has_gone_away_is_no_hindrance() {
    let setting = a_file();
    let (mut ledger, _head) = a_ledger(&setting);
    let (left, answer) = Request::new(an_append("role-1", 0, &[1]));
    drop(answer);
    let (stayed, answer) = Request::new(an_append("role-1", 1, &[2]));
    ledger.commit_group(vec![left, stayed]);
    assert_eq!(answer.blocking_recv().unwrap(), Ok(at(2, 2)));
}

#[test]
fn a_full_disk_refuses_the_whole_group_and_passes_when_there_is_space_again() {
    let setting = a_file();
    let (mut ledger, head) = a_ledger(&setting);
    assert_eq!(outcomes(&mut ledger, &[an_append("role-1", 0, &[1])]), [Ok(at(1, 1))]);
    let limit_pages = |pages: i64| {
        setting.connection.pragma_update(None, "max_page_count", pages).unwrap();
    };
    limit_pages(25);
    let group = [an_append("role-1", 1, &[2]), an_append("role-2", 0, &[3, 4, 5])];
    for _ in 0..3 {
        let full = [Err(AppendError::Full), Err(AppendError::Full)];
        assert_eq!(outcomes(&mut ledger, &group), full);
        assert_eq!(setting.status.check(), Ok(()));
    }
    assert_eq!((*head.borrow(), durable_records(&setting)), (Position(1), 1));
    assert_eq!(outcomes(&mut ledger, &[an_append("role-1", 0, &[1])]), [Ok(at(1, 1))]);
    limit_pages(1_000);
    assert_eq!(outcomes(&mut ledger, &group), [Ok(at(2, 2)), Ok(at(5, 3))]);
}

#[test]
fn an_error_of_the_engine_answers_all_and_stores_nothing() {
    let setting = a_file();
    let broken = "CREATE TEMP TRIGGER broken BEFORE INSERT ON main.records
                  WHEN NEW.stream = 'role-2' BEGIN SELECT RAISE(ABORT, 'no sector'); END";
    setting.connection.execute_batch(broken).unwrap();
    let (mut ledger, _head) = a_ledger(&setting);
    let group = [an_append("role-1", 0, &[1]), an_append("role-2", 0, &[2])];
    let failed = Err(AppendError::Unavailable("no sector".to_owned()));
    assert_eq!(outcomes(&mut ledger, &group), [failed.clone(), failed]);
    assert_eq!(durable_records(&setting), 0);
    assert_eq!(outcomes(&mut ledger, &group[..1]), [Ok(at(1, 1))]);
}

#[test]
fn after_a_failed_commit_nothing_is_written_any_more() {
    let setting = a_file();
    // A constraint that SQLite checks at the commit stands for a disk that fails there.
    let broken = "PRAGMA foreign_keys = ON;
        CREATE TEMP TABLE sector (id INTEGER PRIMARY KEY);
        CREATE TEMP TABLE written (sector REFERENCES sector DEFERRABLE INITIALLY DEFERRED);
        CREATE TEMP TRIGGER broken AFTER INSERT ON main.records
        WHEN NEW.stream = 'role-2' BEGIN INSERT INTO written VALUES (1); END";
    setting.connection.execute_batch(broken).unwrap();
    let (mut ledger, head) = a_ledger(&setting);
    let group = [an_append("role-1", 0, &[1]), an_append("role-2", 0, &[2])];
    for outcome in outcomes(&mut ledger, &group) {
        assert!(matches!(outcome, Err(AppendError::Unknown(_))), "{outcome:?}");
    }
    let why = setting.status.check().unwrap_err();
    assert!(why.contains("stopped at an earlier failure") && why.contains("the commit failed"), "{why}");
    for outcome in outcomes(&mut ledger, &group[..1]) {
        assert!(matches!(outcome, Err(AppendError::Unavailable(_))), "{outcome:?}");
    }
    assert_eq!((*head.borrow(), durable_records(&setting)), (Position(0), 0));
}

#[test]
fn a_second_writer_on_the_file_is_noticed_before_it_can_do_harm() {
    let setting = a_file();
    let (mut ledger, _head) = a_ledger(&setting);
    let other = Connection::open(setting.folder.path().join("ledger.db")).unwrap();
    let foreign = "INSERT INTO records VALUES (1, 'role-9', 1, zeroblob(16), zeroblob(32), x'00')";
    other.execute_batch(foreign).unwrap();
    for _ in 0..2 {
        for outcome in outcomes(&mut ledger, &[an_append("role-1", 0, &[1])]) {
            let why = outcome.unwrap_err().to_string();
            assert!(why.contains("another process writes to the same ledger"), "{why}");
        }
    }
    assert_eq!(durable_records(&setting), 1);
}

#[test]
fn callers_of_a_runtime_are_answered_by_it_and_also_after_it_has_ended() {
    let setting = a_file();
    let (mut ledger, _) = a_ledger(&setting);
    for (expected, ends_first) in [(0_u8, false), (1, true)] {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let entered = runtime.enter();
        let append = |stream| Request::new(an_append(stream, expected.into(), &[expected]));
        let (group, answers): (Vec<_>, Vec<_>) = ["token-1", "token-2"].map(append).into_iter().unzip();
        drop(entered);
        let runtime = (!ends_first).then_some(runtime);
        ledger.commit_group(group);
        for answer in answers {
            let appended = answer.blocking_recv().unwrap().unwrap();
            assert_eq!(appended.version, Version(u64::from(expected) + 1));
        }
        drop(runtime);
    }
}
