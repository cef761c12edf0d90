use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::Statement;

const P: &str = "token_list";
const SUM: &str = "SELECT COUNT(*), MIN(mark), MAX(mark) FROM token_list.tokens";

struct House {
    folder: TempDir,
    views: SqliteViews,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let views = SqliteViews::open(folder.path()).unwrap();
        Self { folder, views }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|it| !it.ends_with("-wal") && !it.ends_with("-shm")).collect();
        names.sort();
        names
    }

    /// What a restart finds.
    fn reopened(self) -> Self {
        let Self { folder, views } = self;
        drop(views);
        let views = SqliteViews::open(folder.path()).unwrap();
        Self { folder, views }
    }

    async fn built(version: u32) -> Self {
        let house = Self::new();
        fill(&*house.views.writer(P, version).await.unwrap(), P, 100, 1).await;
        house.views.publish(P, version).await.unwrap();
        house
    }

    async fn seen(&self) -> Result<(i64, i64), SqlError> {
        seen(&*self.views.reader()).await
    }
}

/// Writes `rows` rows, all with the same mark, in two transactions: half a view in between.
async fn fill(sql: &dyn Sql, projection: &str, rows: i64, mark: i64) {
    let table = format!("CREATE TABLE {projection}.tokens (id BIGINT PRIMARY KEY, mark BIGINT)");
    let index = format!("CREATE INDEX by_mark ON {projection}.tokens (mark)");
    let insert = format!("INSERT INTO {projection}.tokens (id, mark) VALUES ($1, $2)");
    let half = |from: i64, to: i64| {
        let sets = (from..to).map(|id| vec![id.into(), mark.into()]).collect();
        Statement::many(insert.clone(), sets)
    };
    let first = vec![Statement::new(table, vec![]), half(0, rows / 2)];
    sql.transact(first).await.unwrap();
    let second = vec![half(rows / 2, rows), Statement::new(index, vec![])];
    sql.transact(second).await.unwrap();
}

/// The number of rows and the one mark that all of them have.
async fn seen(reader: &dyn Sql) -> Result<(i64, i64), SqlError> {
    let rows = reader.query(SUM, vec![]).await?;
    assert_eq!(rows[0].int(1)?, rows[0].int(2)?, "a mixture of two views");
    Ok((rows[0].int(0)?, rows[0].int(1)?))
}

#[tokio::test]
async fn a_view_is_seen_once_it_is_published() {
    let house = House::new();
    let writer = house.views.writer(P, 1).await.unwrap();
    fill(&*writer, P, 100, 1).await;
    let unseen = house.seen().await;
    assert!(matches!(unseen, Err(SqlError::Unpublished { projection }) if projection == P));
    house.views.publish(P, 1).await.unwrap();
    house.views.publish(P, 1).await.unwrap();
    assert_eq!(house.seen().await.unwrap(), (100, 1));
    assert_eq!(house.views.published(P).await.unwrap(), Some(1));
    assert_eq!(house.names(), ["token_list.db", "token_list.v1.db"]);
}

#[tokio::test]
async fn what_the_writer_commits_to_a_published_view_is_seen_at_once() {
    let house = House::built(1).await;
    let writer = house.views.writer(P, 1).await.unwrap();
    let add = "INSERT INTO token_list.tokens (id, mark) VALUES (1000, 1)";
    writer.transact(vec![Statement::new(add, vec![])]).await.unwrap();
    assert_eq!(house.seen().await.unwrap(), (101, 1));
}

#[tokio::test]
async fn a_restart_serves_and_writes_the_published_view() {
    let house = House::built(3).await.reopened();
    assert_eq!(house.views.published(P).await.unwrap(), Some(3));
    assert_eq!(house.seen().await.unwrap(), (100, 1));
    let writer = house.views.writer(P, 3).await.unwrap();
    assert_eq!(seen(&*writer).await.unwrap(), (100, 1));
}

#[tokio::test]
async fn a_view_that_was_begun_is_continued_after_a_restart() {
    let house = House::new();
    fill(&*house.views.writer(P, 1).await.unwrap(), P, 100, 1).await;
    let house = house.reopened();
    let writer = house.views.writer(P, 1).await.unwrap();
    assert_eq!(seen(&*writer).await.unwrap(), (100, 1));
}

#[tokio::test]
async fn a_new_version_replaces_the_old_one_which_is_gone_then() {
    let house = House::built(1).await;
    fill(&*house.views.writer(P, 2).await.unwrap(), P, 50, 2).await;
    assert_eq!(house.seen().await.unwrap(), (100, 1));
    house.views.publish(P, 2).await.unwrap();
    assert_eq!(house.seen().await.unwrap(), (50, 2));
    assert_eq!(house.names(), ["token_list.db", "token_list.v2.db"]);
}

#[tokio::test]
async fn an_old_version_that_a_crash_left_goes_when_the_new_one_is_opened() {
    let house = House::built(1).await;
    close(&house.views).await;
    let old = fs::read(house.path("token_list.v1.db")).unwrap();
    fill(&*house.views.writer(P, 2).await.unwrap(), P, 50, 2).await;
    house.views.publish(P, 2).await.unwrap();
    fs::write(house.path("token_list.v1.db"), old).unwrap();
    let house = house.reopened();
    house.views.writer(P, 3).await.unwrap();
    assert!(house.path("token_list.v1.db").exists(), "what is not served deletes nothing");
    house.views.writer(P, 2).await.unwrap();
    assert_eq!(house.names(), ["token_list.db", "token_list.v2.db"]);
    assert_eq!(house.seen().await.unwrap(), (50, 2));
}

#[tokio::test]
async fn a_rebuild_beside_leaves_the_served_view_to_its_writer() {
    let house = House::built(1).await;
    let writer = house.views.writer(P, 1).await.unwrap();
    let rebuild = house.views.begin_rebuild(P, 1).await.unwrap();
    fill(&*rebuild, P, 70, 2).await;
    house.views.publish(P, 1).await.unwrap();
    assert_eq!(house.seen().await.unwrap(), (100, 1));
    assert!(Arc::ptr_eq(&writer, &house.views.writer(P, 1).await.unwrap()));
    house.views.finish_rebuild(P, 1).await.unwrap();
    assert_eq!(house.seen().await.unwrap(), (70, 2));
    assert!(matches!(writer.query(SUM, vec![]).await, Err(SqlError::Closed)));
    let writer = house.views.writer(P, 1).await.unwrap();
    assert_eq!(seen(&*writer).await.unwrap(), (70, 2));
    assert_eq!(house.names(), ["token_list.db", "token_list.v1.2.db"]);
}

#[tokio::test]
async fn a_rebuild_that_a_crash_left_is_thrown_away() {
    let house = House::built(1).await;
    fill(&*house.views.begin_rebuild(P, 1).await.unwrap(), P, 70, 2).await;
    let house = house.reopened();
    assert!(matches!(house.views.finish_rebuild(P, 1).await, Err(SqlError::NotBuilt { .. })));
    house.views.writer(P, 1).await.unwrap();
    assert_eq!(house.names(), ["token_list.db", "token_list.v1.db"]);
    assert_eq!(house.seen().await.unwrap(), (100, 1));
}

#[tokio::test]
async fn what_was_never_written_is_neither_published_nor_checked() {
    let house = House::new();
    for refused in [
        house.views.publish(P, 1).await,
        house.views.finish_rebuild(P, 1).await,
        house.views.check(P, 1).await,
    ] {
        assert!(matches!(refused, Err(SqlError::NotBuilt { version: 1, .. })));
    }
    house.views.discard(P, 1).await.unwrap();
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn a_discarded_view_is_gone_and_begins_anew() {
    let house = House::built(1).await;
    assert!(house.seen().await.is_ok());
    let writer = house.views.writer(P, 1).await.unwrap();
    house.views.discard(P, 1).await.unwrap();
    assert!(house.names().is_empty());
    assert!(matches!(writer.query(SUM, vec![]).await, Err(SqlError::Closed)));
    assert!(matches!(house.seen().await, Err(SqlError::Unpublished { .. })));
    fill(&*house.views.writer(P, 1).await.unwrap(), P, 30, 3).await;
    house.views.publish(P, 1).await.unwrap();
    assert_eq!(house.seen().await.unwrap(), (30, 3));
}

#[tokio::test]
async fn idle_readers_let_go_of_what_was_discarded() {
    let house = House::built(1).await;
    assert!(house.seen().await.is_ok());
    house.views.discard(P, 1).await.unwrap();
    // Where the system says which files are open, none of ours may stay so.
    while open_files().iter().any(|it| it.starts_with(house.folder.path())) {
        tokio::task::yield_now().await;
    }
}

fn open_files() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else {
        return Vec::new();
    };
    entries.filter_map(|it| fs::read_link(it.ok()?.path()).ok()).collect()
}

#[tokio::test]
async fn a_query_joins_projections_and_more_of_them_than_fit_at_once() {
    let house = House::new();
    let names: Vec<_> = (0..12).map(|n| format!("view_{n}")).collect();
    for (mark, name) in (0..).zip(&names) {
        fill(&*house.views.writer(name, 1).await.unwrap(), name, 10, mark).await;
        house.views.publish(name, 1).await.unwrap();
    }
    let reader = house.views.reader();
    for (mark, pair) in (0i64..).zip(names.windows(2)) {
        let sql = format!(
            "SELECT a.mark, b.mark FROM {}.tokens a JOIN {}.tokens b ON a.id = b.id WHERE a.id = $1",
            pair[0], pair[1]
        );
        let rows = reader.query(&sql, vec![3.into()]).await.unwrap();
        assert_eq!(rows[0].values(), [mark.into(), (mark + 1).into()]);
    }
    let all: Vec<_> = names.iter().map(|it| format!("SELECT mark FROM {it}.tokens")).collect();
    let refused = reader.query(&all.join(" UNION "), vec![]).await;
    assert!(matches!(refused, Err(SqlError::Refused { .. })));
}

#[tokio::test]
async fn readers_cannot_write() {
    let house = House::built(1).await;
    let reader = house.views.reader();
    let delete = "DELETE FROM token_list.tokens";
    let (as_query, as_transaction) = (
        reader.query(delete, vec![]).await.map(drop),
        reader.transact(vec![Statement::new(delete, vec![])]).await.map(drop),
    );
    assert!(matches!(as_query, Err(SqlError::ReadOnly)));
    assert!(matches!(as_transaction, Err(SqlError::ReadOnly)));
}

#[tokio::test]
async fn a_writer_names_its_own_projection_only() {
    let house = House::built(1).await;
    let other = house.views.writer("audit", 1).await.unwrap();
    assert!(other.query(SUM, vec![]).await.is_err());
}

#[tokio::test]
async fn names_that_are_none_are_refused() {
    let house = House::new();
    for name in ["../state", "main", "a; DROP TABLE b"] {
        assert!(matches!(house.views.writer(name, 1).await, Err(SqlError::ProjectionName { .. })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_sees_an_error_or_half_a_view_while_views_are_swapped() {
    let house = House::built(1).await;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (reader, done) = (house.views.reader(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let (rows, mark) = seen(&*reader).await.unwrap();
                    assert_eq!(rows, 100, "half a view");
                    assert!(last <= mark, "an old view came back");
                    last = mark;
                }
                last
            })
        })
        .collect();
    for mark in 2..30 {
        if mark % 5 == 0 {
            let version = u32::try_from(mark).unwrap();
            fill(&*house.views.writer(P, version).await.unwrap(), P, 100, mark).await;
            house.views.publish(P, version).await.unwrap();
        } else {
            let version = house.views.published(P).await.unwrap().unwrap();
            let rebuild = house.views.begin_rebuild(P, version).await.unwrap();
            fill(&*rebuild, P, 100, mark).await;
            house.views.finish_rebuild(P, version).await.unwrap();
        }
        assert_eq!(house.seen().await.unwrap(), (100, mark));
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn a_garbage_header_is_corrupt_and_the_view_can_be_built_again() {
    let house = House::built(1).await;
    let House { folder, views } = house;
    close(&views).await;
    fs::write(folder.path().join("token_list.v1.db"), [7; 4096]).unwrap();
    let house = House { views: SqliteViews::open(folder.path()).unwrap(), folder };
    for refused in [
        house.seen().await.map(drop),
        house.views.check(P, 1).await,
        house.views.writer(P, 1).await.map(drop),
    ] {
        let Err(SqlError::Corrupt { message }) = refused else {
            panic!("garbage must be corrupt: {refused:?}");
        };
        assert!(message.contains("token_list.v1.db"), "{message}");
    }
    house.views.discard(P, 1).await.unwrap();
    fill(&*house.views.writer(P, 1).await.unwrap(), P, 20, 2).await;
    house.views.publish(P, 1).await.unwrap();
    assert_eq!(house.seen().await.unwrap(), (20, 2));
    house.views.check(P, 1).await.unwrap();
}

#[tokio::test]
async fn flipped_bits_in_a_page_are_found_by_the_check() {
    let house = House::built(1).await;
    close(&house.views).await;
    let path = house.path("token_list.v1.db");
    let mut file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    // The head of the second page: its kind, its first free block, its number of cells.
    let mut head = [0; 8];
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.read_exact(&mut head).unwrap();
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&head.map(|it| !it)).unwrap();
    let house = house.reopened();
    assert!(matches!(house.views.check(P, 1).await, Err(SqlError::Corrupt { .. })));
    assert!(matches!(house.seen().await, Err(SqlError::Corrupt { .. })));
}

#[tokio::test]
async fn a_published_view_that_lost_its_content_is_corrupt() {
    let house = House::built(1).await;
    close(&house.views).await;
    fs::write(house.path("token_list.v1.db"), "").unwrap();
    let house = house.reopened();
    assert!(matches!(house.views.check(P, 1).await, Err(SqlError::Corrupt { .. })));
}

#[tokio::test]
async fn a_view_is_checked_without_its_writer_from_what_a_crash_left() {
    let house = House::built(1).await;
    let other = tempfile::tempdir().unwrap();
    // As a crash leaves it: the writer still has it open, the last commits are in the log.
    for name in ["token_list.v1.db", "token_list.v1.db-wal"] {
        fs::copy(house.path(name), other.path().join(name)).unwrap();
    }
    let views = SqliteViews::open(other.path()).unwrap();
    views.check(P, 1).await.unwrap();
    views.publish(P, 1).await.unwrap();
    assert_eq!(seen(&*views.reader()).await.unwrap(), (100, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever bit is flipped: the check answers and never hangs or fails otherwise, a writer
    /// opens or says corrupt, and the view can always be discarded and built again.
    #[test]
    fn a_flipped_bit_is_corrupt_or_harmless_and_never_in_the_way(
        // Half of them in the header and the schema, where most depends on each bit.
        bit in prop_oneof![0usize..4096 * 8, 0usize..4 * 4096 * 8]
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let house = House::built(1).await;
            close(&house.views).await;
            let path = house.path("token_list.v1.db");
            let mut bytes = fs::read(&path).unwrap();
            let place = bit / 8 % bytes.len();
            bytes[place] ^= 1 << (bit % 8);
            fs::write(&path, bytes).unwrap();
            let house = house.reopened();
            for answer in [
                house.views.check(P, 1).await,
                house.views.writer(P, 1).await.map(drop),
            ] {
                assert!(matches!(answer, Ok(()) | Err(SqlError::Corrupt { .. })), "{answer:?}");
            }
            house.views.discard(P, 1).await.unwrap();
            fill(&*house.views.writer(P, 1).await.unwrap(), P, 20, 2).await;
            house.views.publish(P, 1).await.unwrap();
            assert_eq!(house.seen().await.unwrap(), (20, 2));
        });
    }
}

/// Closes the writer of version 1, which moves everything into the file.
async fn close(views: &SqliteViews) {
    let closed = |builds: &mut Builds, version: &_| {
        if let Some(writer) = builds.begun(version)?.writer {
            writer.close();
        }
        Ok(())
    };
    views.with_builds(P, 1, closed).await.unwrap();
}
