//! Views that are damaged, or that are not of this ledger.

use std::fs;
use std::path::Path;
use std::time::Duration;

use domain::ids::JobId;
use eventlog::Position;
use store::Statement;

use super::counts::{Counts, facts_seen};
use crate::runner::check::Running;
use crate::runner::{Doubt, Projection, QueryError, State};
use crate::testing::{Ledger, Wish};
use crate::token_list::{Owner, TokenList, TokenQueries};

const COUNTS: Projection = Projection::of::<Counts<1>>();

async fn a_ledger_of(facts: usize) -> Ledger {
    let ledger = Ledger::new();
    for number in 0..facts {
        ledger.permission(&format!("invoices{number}:read")).await;
    }
    ledger
}

/// A folder with a view of such a ledger, and nobody who runs it.
async fn a_folder_of(ledger: &Ledger) -> tempfile::TempDir {
    let running = Running::start(COUNTS, ledger);
    running.catch_up(ledger).await;
    running.stop().await
}

fn spoil(folder: &Path) {
    let file = folder.join("counts.v1.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes.iter_mut().skip(100).for_each(|it| *it = 0xFF);
    fs::write(&file, bytes).unwrap();
    for companion in ["counts.v1.db-wal", "counts.v1.db-shm"] {
        let _ = fs::remove_file(folder.join(companion));
    }
}

#[tokio::test]
async fn a_damaged_view_is_built_again_at_the_start() {
    let ledger = a_ledger_of(3).await;
    let place = a_folder_of(&ledger).await;
    spoil(place.path());
    let running = Running::start_in(place, COUNTS, &ledger);
    running.catch_up(&ledger).await;
    assert_eq!(facts_seen(&running.view()).await, 3);
}

#[tokio::test]
async fn a_view_that_a_reader_distrusts_is_looked_through_and_built_again_if_it_is_damaged() {
    let ledger = a_ledger_of(3).await;
    let running = Running::start(COUNTS, &ledger);
    running.catch_up(&ledger).await;
    let mut status = running.handle.status.clone();
    status.mark_unchanged();
    spoil(running.place.path());
    running.handle.distrust(Doubt::Damage("told so".to_owned()));
    status.wait_for(|it| it.state == State::Rebuilding && it.reason.is_some()).await.unwrap();
    running.catch_up(&ledger).await;
    assert_eq!(facts_seen(&running.view()).await, 3);
}

/// Waits until the second build is all that there is.
async fn built_again(running: &Running) {
    let view = running.handle.status();
    let first_build = running.place.path().join(format!("{}.v{}.db", view.name, view.version));
    let mut status = running.handle.status.clone();
    let built = status.wait_for(|it| it.state == State::Live && !first_build.exists());
    tokio::time::timeout(Duration::from_secs(20), built).await.unwrap().unwrap();
}

async fn write(running: &Running, sql: &'static str) {
    let name = running.handle.status().name;
    let version = running.handle.status().version;
    let writer = running.views.writer(name, version).await.unwrap();
    writer.transact(vec![Statement::new(sql, vec![])]).await.unwrap();
}

#[tokio::test]
async fn a_row_that_cannot_be_read_has_the_view_built_again_beside() {
    let ledger = Ledger::new();
    let acme = ledger.organization("acme").await;
    let token = ledger.issue(1, acme, &Wish::named("ci")).await;
    let running = Running::start(Projection::of::<TokenList>(), &ledger);
    let queries = TokenQueries::new(running.view());
    running.catch_up(&ledger).await;
    write(&running, "UPDATE token_list.tokens SET scopes = 'no JSON'").await;
    let owner = Owner::Organization(acme.0);
    assert!(matches!(queries.find(owner, token).await, Err(QueryError::Sql(_))));
    built_again(&running).await;
    assert_eq!(queries.find(owner, token).await.unwrap().unwrap().id, token);
}

#[tokio::test]
async fn a_row_that_cannot_be_folded_on_has_the_view_built_again_beside() {
    let ledger = a_ledger_of(3).await;
    let running = Running::start(COUNTS, &ledger);
    running.catch_up(&ledger).await;
    write(&running, "UPDATE counts.streams SET facts = -1").await;
    ledger.permission("invoices:write").await;
    built_again(&running).await;
    running.catch_up(&ledger).await;
    assert_eq!(facts_seen(&running.view()).await, 4);
}

#[tokio::test]
async fn damage_that_a_reader_met_and_nobody_finds_has_the_view_built_again_beside() {
    let ledger = a_ledger_of(3).await;
    let running = Running::start(COUNTS, &ledger);
    running.catch_up(&ledger).await;
    running.handle.distrust(Doubt::Damage("an index is malformed".to_owned()));
    built_again(&running).await;
    assert_eq!(facts_seen(&running.view()).await, 3);
}

#[tokio::test]
async fn a_row_that_a_new_build_cannot_read_either_is_left_alone() {
    let ledger = a_ledger_of(3).await;
    let running = Running::start(COUNTS, &ledger);
    running.catch_up(&ledger).await;
    running.handle.rebuild(JobId::from_bits(1)).unwrap();
    built_again(&running).await;
    let mut status = running.handle.status.clone();
    for fact in 4..=6 {
        running.handle.distrust(Doubt::Row("it is no number".to_owned()));
        ledger.permission(&format!("invoices{fact}:write")).await;
        status.wait_for(|it| it.position == Position(fact)).await.unwrap();
    }
    assert!(running.place.path().join("counts.v1.2.db").is_file());
    assert!(!running.place.path().join("counts.v1.3.db").exists());
}

#[tokio::test]
async fn a_view_that_knows_more_than_the_ledger_is_built_again() {
    let place = a_folder_of(&a_ledger_of(5).await).await;
    let shorter = a_ledger_of(3).await;
    let running = Running::start_in(place, COUNTS, &shorter);
    running.catch_up(&shorter).await;
    let mut status = running.handle.status.clone();
    status.wait_for(|it| it.position == Position(3)).await.unwrap();
    assert_eq!(facts_seen(&running.view()).await, 3);
}

#[tokio::test]
async fn a_view_of_another_ledger_is_built_again() {
    let place = a_folder_of(&a_ledger_of(2).await).await;
    let other = Ledger::new();
    other.organization("acme").await;
    other.permission("invoices:read").await;
    let running = Running::start_in(place, COUNTS, &other);
    running.catch_up(&other).await;
    let streams = running.view().query("SELECT stream FROM counts.streams", vec![]).await.unwrap();
    assert_eq!(streams.len(), 3);
}

#[tokio::test]
async fn a_view_that_is_built_again_on_request_is_swapped_in_whole() {
    let ledger = a_ledger_of(3).await;
    let running = Running::start(COUNTS, &ledger);
    running.catch_up(&ledger).await;
    let second_build = running.place.path().join("counts.v1.2.db");
    let mut status = running.handle.status.clone();
    running.handle.rebuild(JobId::from_bits(1)).unwrap();
    status.wait_for(|it| it.state == State::Live && second_build.is_file()).await.unwrap();
    ledger.permission("invoices:write").await;
    running.catch_up(&ledger).await;
    assert_eq!(facts_seen(&running.view()).await, 4);
}
