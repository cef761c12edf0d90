//! A disk that cannot flush: what could not be flushed is not acknowledged, and never tried again, since a second try
//! may succeed without having written it.

use std::time::{Duration, Instant};

use super::expected::{Expected, retry_unanswered, touched_without_answer};
use super::history::{Sent, Told};
use super::script::say;
use super::verifiers::Verifiers;
use crate::support::{Client, Patience, Server, Strace, until};

/// Flushes that fail, one a round.
const FLUSHES: usize = 8;
/// The same of the usage log.
const BLOCKS: usize = 4;
/// Within which the process ends, or says that it is not ready.
const SOON: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn when_flush_1_to_8_of_the_ledger_fails_it_is_not_acknowledged_and_never_tried_again() {
    let mut refused = 0;
    for flush in 1..=FLUSHES {
        refused += usize::from(the_flush_fails(flush).await);
    }
    eprintln!("{FLUSHES} flushes failed, {refused} of them under a command that was told so");
    assert_eq!(refused, FLUSHES);
}

/// One round; whether a command met the failure.
async fn the_flush_fails(number: usize) -> bool {
    let mut server = Server::start();
    let owner = server.owner_of("acme").await;
    let operator = server.operator();
    let strace = failing(&server, &["ledger.db", "ledger.db-wal"], number);
    let told = say(&owner, &operator, "script", 2 * FLUSHES).await;
    let failed_at = Instant::now();
    let (met, acknowledged) = told.split_last().unwrap();
    assert!(!is_acknowledged(met), "flush {number}: {met:?}");
    assert!(acknowledged.iter().all(is_acknowledged));
    stops_soon(&mut server, failed_at);
    for again in say(&owner, &operator, "later", 4).await {
        assert!(!is_acknowledged(&again), "flush {number}: {again:?}");
    }
    never_flushed_again(&strace, "ledger.db");
    drop(strace);
    let server = Server::start_in(server.kill());
    nothing_is_lost(&server, &owner, &told).await;
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn when_flush_1_to_4_of_the_usage_log_fails_nothing_is_decided_any_more_and_it_is_never_tried_again() {
    for block in 1..=BLOCKS {
        the_flush_of_a_block_fails(block).await;
    }
    eprintln!("{BLOCKS} flushes of the usage log failed");
}

async fn the_flush_of_a_block_fails(number: usize) {
    let mut server = Server::start();
    let owner = server.owner_of("acme").await;
    let verifiers = Verifiers::start(&server, &owner);
    until("a day is begun", || day_of(&server).is_some()).await;
    let day = day_of(&server).unwrap();
    let strace = failing(&server, &[&day, &format!("{day}-wal")], number);
    until("a flush fails", || strace.calls().iter().any(|it| it.contains("INJECTED"))).await;
    let failed_at = Instant::now();
    verifiers.go_on_until_refused(&owner).await;
    // A decision is durable within a second, or none is made.
    assert!(failed_at.elapsed() < 2 * SOON, "verification goes on for {:?}", failed_at.elapsed());
    stops_soon(&mut server, Instant::now());
    let told = Sent::issue("later").send(&owner).await;
    assert!(!is_acknowledged(&told), "{told:?}");
    verifiers.stop().await;
    never_flushed_again(&strace, &day);
    drop(strace);
    let server = Server::start_in(server.kill());
    let told = Sent::issue("later").send(&Client::new(server.url(), owner.token())).await;
    assert!(is_acknowledged(&told), "{told:?}");
}

/// The file of the usage log that is written, in the data folder, once there is one with its write-ahead log.
fn day_of(server: &Server) -> Option<String> {
    let names = std::fs::read_dir(server.path("usage")).unwrap();
    let mut names = names.map(|it| it.unwrap().file_name().into_string().unwrap());
    names.find_map(|it| it.strip_suffix("-wal").map(|day| format!("usage/{day}")))
}

/// strace that has the flush of these files with this number fail, counted from now on.
fn failing(server: &Server, files: &[&str], number: usize) -> Strace {
    let mut options = Vec::new();
    for file in files {
        options.extend(["-P".to_owned(), server.path(file).canonicalize().unwrap().display().to_string()]);
    }
    let fault = format!("inject=fsync,fdatasync:error=EIO:when={number}");
    options.extend(["-e", "trace=fsync,fdatasync,pwrite64", "-e", &fault].map(str::to_owned));
    Strace::attach(server.pid(), &options, &server.folder().path().join("strace.log"))
}

fn is_acknowledged(told: &Told) -> bool {
    told.answer.as_ref().is_some_and(|(status, _)| *status < 400)
}

/// The process ends, or says that it is not ready, within a second of the failure.
fn stops_soon(server: &mut Server, failed_at: Instant) {
    let patience = Patience::default();
    while !server.has_ended() && Client::blocking_status(server.url(), "/readyz") == Some(200) {
        assert!(failed_at.elapsed() < SOON, "it is ready {:?} after a flush failed", failed_at.elapsed());
        patience.goes_on("it is still ready");
    }
}

/// No call after the one that failed touches the file: neither to write nor to flush.
fn never_flushed_again(strace: &Strace, file: &str) {
    let calls = strace.calls();
    let failed = calls.iter().position(|it| it.contains("INJECTED")).unwrap();
    let later: Vec<_> = calls[failed + 1..].iter().filter(|it| it.contains(file)).collect();
    assert!(later.is_empty(), "after the flush that failed: {later:?}");
}

/// After the next start all that was acknowledged is there, and the rest is done once.
async fn nothing_is_lost(server: &Server, owner: &Client, told: &[Told]) {
    let mut expected = Expected::default();
    let answered: Vec<Told> = told.iter().filter(|it| is_acknowledged(it)).cloned().collect();
    expected.note(&answered);
    let unanswered: Vec<Told> = told.iter().filter(|it| !is_acknowledged(it)).map(Told::unanswered).collect();
    expected.check(server, owner.token(), &touched_without_answer(&unanswered)).await;
    retry_unanswered(server, owner.token(), &unanswered, &mut expected).await;
    expected.check(server, owner.token(), &[]).await;
}
