//! A disk that is full: commands are refused at once, verification goes on on what was kept for it, and when there is
//! space again everything goes on without a start, and nothing is missing that was told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::expected::Expected;
use super::history::{Sent, Told};
use super::verifiers::{Verifiers, recorded_in};
use crate::support::{Client, Manner, Patience, Server, SmallDisk, long, until};

const DISK_MEBIBYTES: u32 = 48;
const BALLAST: u64 = 1 << 20;
/// Within which a command is refused.
const AT_ONCE: Duration = Duration::from_millis(500);
/// Within which everything goes on once there is space.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_of_48_mib_is_full_2_times_and_nothing_that_was_told_is_lost() {
    full(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_a_disk_of_48_mib_is_full_100_times_and_nothing_that_was_told_is_lost() {
    if long::is_asked("a disk that is full 100 times") {
        full(100).await;
    }
}

async fn full(rounds: usize) {
    let disk = SmallDisk::of(DISK_MEBIBYTES);
    let folder = Arc::new(TempDir::new_in(disk.path()).unwrap());
    let settings = vec![("COUNTERFOIL_GATE_RESERVE", BALLAST.to_string())];
    let manner = Manner { settings, ..Manner::default() };
    let server = Server::try_start(Arc::clone(&folder), &manner).unwrap();
    let owner = server.owner_of("acme").await;
    let mut story = Story { others: 1, ..Story::default() };
    for round in 0..rounds {
        story.lives_through(&disk, &server, &owner, round).await;
    }
    let (folder, status) = server.stop();
    assert!(status.success(), "{status}");
    let recorded = recorded_in(&folder.path().join("data").join("usage")).await;
    eprintln!(
        "{rounds} times full: {} commands acknowledged, {} decisions told, {recorded} recorded",
        story.told.len(),
        story.verified
    );
    let most = story.verified + story.others;
    assert!(
        (story.verified..=most).contains(&recorded),
        "{recorded} recorded, not {} to {most}",
        story.verified
    );
    let server = Server::try_start(Arc::clone(&folder), &manner).unwrap();
    let mut expected = Expected::default();
    expected.note(&story.told);
    expected.check(&server, owner.token(), &[]).await;
}

/// What was told so far.
#[derive(Default)]
struct Story {
    told: Vec<Told>,
    /// Verifications that were answered.
    verified: u64,
    /// Other requests, whose own credential may have been decided on.
    others: u64,
}

impl Story {
    async fn lives_through(&mut self, disk: &SmallDisk, server: &Server, owner: &Client, round: usize) {
        self.is_well(server, owner, &format!("r{round}before")).await;
        let ballast = server.path("usage").join("ballast");
        until("there is a ballast", || std::fs::metadata(&ballast).is_ok_and(|it| it.len() == BALLAST)).await;
        let verifiers = Verifiers::start(server, owner);
        until("they verify", || 0 < verifiers.told()).await;
        disk.fill();
        self.commands_are_refused(owner, round).await;
        reads_pass(owner).await;
        self.others += 1 + READS.len() as u64;
        let (began, told) = (Instant::now(), verifiers.told());
        verifiers.go_on_until_refused(owner).await;
        let (lasted, more) = (began.elapsed(), verifiers.told() - told);
        eprintln!("round {round}: {more} verifications were answered on the ballast, for {lasted:?}");
        assert!(0 < more, "verification does not go on on a full disk");
        let again = Instant::now();
        is_refused(&Sent::issue(&format!("r{round}late")).send(owner).await, again);
        assert_eq!(Client::blocking_status(server.url(), "/livez"), Some(200), "the process is up");
        disk.make_room();
        let freed = Instant::now();
        self.is_well(server, owner, &format!("r{round}after")).await;
        let now = verifiers.told();
        until("they verify again", || now < verifiers.told()).await;
        let took = freed.elapsed();
        eprintln!("round {round}: all goes on {took:?} after there was space");
        assert!(took < SOON, "it took {took:?} to go on");
        self.verified += verifiers.stop().await;
    }

    /// A command passes, and the server says that it is ready, soon.
    async fn is_well(&mut self, server: &Server, owner: &Client, key: &str) {
        let patience = Patience::default();
        loop {
            self.others += 1;
            let told = Sent::issue(key).send(owner).await;
            let status = told.answer.as_ref().map(|(status, _)| *status);
            if status == Some(201) {
                self.told.push(told);
                break;
            }
            assert!(matches!(status, None | Some(507)), "{told:?}");
            patience.goes_on("no command passes");
        }
        until("it is ready", || Client::blocking_status(server.url(), "/readyz") == Some(200)).await;
    }

    /// Commands go on to pass as long as they find space in what the files have already; then they are refused.
    async fn commands_are_refused(&mut self, owner: &Client, round: usize) {
        let patience = Patience::default();
        for n in 0.. {
            self.others += 1;
            let began = Instant::now();
            let told = Sent::issue(&format!("r{round}n{n}")).send(owner).await;
            if !matches!(told.answer, Some((201, _))) {
                return is_refused(&told, began);
            }
            self.told.push(told);
            patience.goes_on("commands are not refused");
        }
    }
}

fn is_refused(told: &Told, began: Instant) {
    let took = began.elapsed();
    assert!(matches!(told.answer, None | Some((507, _))), "{told:?}");
    assert!(took < AT_ONCE, "refused after {took:?}");
}

/// What is read while the ballast lasts; a caller's own credential is decided on, and that is recorded too.
const READS: [&str; 4] = ["/v1/whoami", "/v1/permissions", "/v1/tokens?limit=5", "/v1/audit/events?limit=5"];

async fn reads_pass(owner: &Client) {
    for path in READS {
        let read = owner.get(path).await;
        assert_eq!(read.status, 200, "{path}: {}", read.body);
    }
}
