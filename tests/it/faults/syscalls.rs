//! Killed at a call that touches a file: whatever was written before it, and nothing after.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::expected::{Expected, registrations_are_finished, retry_unanswered, touched_without_answer};
use super::history::Told;
use super::script::say;
use crate::support::{Client, Server, Strace, long};

/// Calls that change files, or open them. Those that this machine does not have are skipped.
const CALLS: &str = "write,pwrite64,writev,pwritev,fdatasync,fsync,?open,openat,?rename,?renameat,renameat2,ftruncate,\
                     fallocate,?unlink,unlinkat,?mkdir,mkdirat";

/// One call: which, and the how many-th of a thread; the first thread that gets there is struck.
type Point = (String, usize);

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_30_file_syscalls_of_a_10_command_script_nothing_acknowledged_is_lost() {
    let evenly = |points: Vec<Point>| (0..30).map(|it| points[it * points.len() / 30].clone()).collect();
    let (points, hit) = killed_at(10, evenly).await;
    eprintln!(
        "killed at {hit} of {points} file syscalls of 10 commands, their start and their stop: 0 violations"
    );
    // Threads take turns as they like: a call that came once need not come again.
    assert!(25 <= hit, "{hit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_killed_at_every_file_syscall_of_a_200_command_script_nothing_acknowledged_is_lost() {
    if !long::is_asked("a kill at every file syscall of a 200-command script") {
        return;
    }
    let (points, hit) = killed_at(200, |points| points).await;
    eprintln!(
        "killed at {hit} of {points} file syscalls of 200 commands, their start and their stop: 0 violations"
    );
    assert!(points * 8 / 10 <= hit, "{hit} of {points}");
}

/// Runs the script once to count its calls, and once for each that is chosen; how many there were, and at how many it
/// was killed.
async fn killed_at(commands: usize, choose: impl FnOnce(Vec<Point>) -> Vec<Point>) -> (usize, usize) {
    let prepared = Prepared::new().await;
    let points = prepared.count(commands).await;
    let all = points.len();
    let mut hit = 0;
    for (number, point) in choose(points).into_iter().enumerate() {
        let was_hit = prepared.killed_at_point(&point, commands).await;
        eprintln!("{number}: {point:?} {}", if was_hit { "killed it" } else { "did not come" });
        hit += usize::from(was_hit);
    }
    (all, hit)
}

/// A data folder that each run begins with.
struct Prepared {
    folder: Arc<TempDir>,
    owner: String,
}

impl Prepared {
    async fn new() -> Self {
        let server = Server::start();
        let owner = server.owner_of("acme").await.token().to_owned();
        let (folder, status) = server.stop();
        assert!(status.success());
        Self { folder, owner }
    }

    fn copy(&self) -> Arc<TempDir> {
        let copy = TempDir::new().unwrap();
        copy_all(&self.folder.path().join("data"), &copy.path().join("data"));
        Arc::new(copy)
    }

    /// Every call of the script, as often as the thread that does it most often.
    async fn count(&self, commands: usize) -> Vec<Point> {
        let folder = self.copy();
        let log = folder.path().join("strace.log");
        let manner = Strace::around(&["-e".to_owned(), format!("trace={CALLS}")], &log);
        let server = Server::try_start(Arc::clone(&folder), &manner).unwrap();
        let told = self.say(&server, commands).await;
        assert!(told.len() == commands && told.iter().all(|it| it.answer.is_some()), "{told:?}");
        let (_, status) = server.stop();
        assert!(status.success());
        points_of(&fs::read_to_string(&log).unwrap())
    }

    async fn say(&self, server: &Server, commands: usize) -> Vec<Told> {
        say(&Client::new(server.url(), &self.owner), &server.operator(), "script", commands).await
    }

    /// Runs the script until it is killed there; whether it was.
    async fn killed_at_point(&self, (call, number): &Point, commands: usize) -> bool {
        let folder = self.copy();
        let options = [format!("trace={call}"), format!("inject={call}:signal=KILL:when={number}")];
        let options = options.into_iter().flat_map(|it| ["-e".to_owned(), it]).collect::<Vec<_>>();
        let manner = Strace::around(&options, &folder.path().join("strace.log"));
        let (told, was_hit) = match Server::try_start(Arc::clone(&folder), &manner) {
            Err(_) => (Vec::new(), true),
            Ok(server) => {
                let told = self.say(&server, commands).await;
                let (_, status) = server.stop();
                (told, !status.success())
            }
        };
        self.nothing_is_lost(folder, &told).await;
        was_hit
    }

    async fn nothing_is_lost(&self, folder: Arc<TempDir>, told: &[Told]) {
        let server = Server::start_in(folder);
        let mut expected = Expected::default();
        registrations_are_finished(&server, told).await;
        expected.note(told);
        expected.check(&server, &self.owner, &touched_without_answer(told)).await;
        retry_unanswered(&server, &self.owner, told, &mut expected).await;
        expected.check(&server, &self.owner, &[]).await;
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_all(&from, &to);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&from).unwrap(), &to).unwrap();
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

/// The points of a log of strace: `<thread> <call>(…`.
fn points_of(log: &str) -> Vec<Point> {
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for line in log.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        // What is resumed was counted when it began.
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        if call.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') {
            *counts.entry((call.to_owned(), thread)).or_default() += 1;
        }
    }
    let mut most: BTreeMap<String, usize> = BTreeMap::new();
    for ((call, _), count) in counts {
        let known = most.entry(call).or_default();
        *known = count.max(*known);
    }
    most.into_iter().flat_map(|(call, count)| (1..=count).map(move |it| (call.clone(), it))).collect()
}
