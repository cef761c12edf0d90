use std::{fs, sync::Arc, time::Duration};

use domain::time::Lifespan;
use eventlog::{EventLog, Position};
use projections::gate::{Asker, Question};

use super::{
    Node,
    testing::{Place, get},
    tests::lose_key,
};

const SNAPSHOT: &str = "gate.snapshot";

/// A stopped node whose organisation has a token; its text.
async fn stopped(place: &Place) -> String {
    let (node, _) = place.first_start().await;
    let acme = node.register().await;
    let issued = node.issue(&acme, "ci", Lifespan::days(30)).await;
    let token = issued.secret.unwrap().into_text_shown_once().to_string();
    assert!(node.takes(&token));
    node.stop().await;
    token
}

/// The position of the snapshot that a node began with, and how many facts it read besides.
fn begun(node: &Node) -> (Option<u64>, u64) {
    (node.core.begun.snapshot.map(|it| it.position.0), node.core.begun.facts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_after_a_stop_reads_no_fact() {
    let place = Place::new();
    let token = stopped(&place).await;
    let before = fs::read(place.data().join(SNAPSHOT)).unwrap();
    let node = place.start().await.unwrap();
    assert_eq!(begun(&node), (Some(5), 0));
    assert!(node.takes(&token));
    node.stop().await;
    assert!(fs::read(place.data().join(SNAPSHOT)).unwrap() == before, "nothing new, nothing written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_after_a_kill_reads_what_came_after_the_snapshot() {
    let place = Place::new();
    let token = stopped(&place).await;
    let snapshot = fs::read(place.data().join(SNAPSHOT)).unwrap();
    let node = place.start().await.unwrap();
    let acme = node.register().await;
    let issued = node.issue(&acme, "later", Lifespan::days(30)).await;
    let later = issued.secret.unwrap().into_text_shown_once();
    node.stop().await;
    // As a kill leaves it.
    fs::write(place.data().join(SNAPSHOT), snapshot).unwrap();
    let node = place.start().await.unwrap();
    assert_eq!(begun(&node), (Some(5), 1));
    assert!(node.takes(&token) && node.takes(&later));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_in_doubt_has_the_whole_ledger_read_and_is_written_anew() {
    let place = Place::new();
    let token = stopped(&place).await;
    let path = place.data().join(SNAPSHOT);
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for doubtful in [&flipped[..], &whole[..whole.len() - 1], b"", b"CFGS\x00\x02 of a later version"] {
        fs::write(&path, doubtful).unwrap();
        let node = place.start().await.unwrap();
        assert_eq!(begun(&node), (None, 5));
        assert!(node.takes(&token));
        node.stop().await;
        let node = place.start().await.unwrap();
        assert_eq!(begun(&node), (Some(5), 0));
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_another_folder_is_not_used() {
    let (place, other) = (Place::new(), Place::new());
    let (token, foreign) = (stopped(&place).await, stopped(&other).await);
    fs::copy(other.data().join(SNAPSHOT), place.data().join(SNAPSHOT)).unwrap();
    let node = place.start().await.unwrap();
    assert_eq!(begun(&node), (None, 5));
    assert!(node.takes(&token) && !node.takes(&foreign));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn log_time_is_known_from_the_snapshot() {
    let place = Place::new();
    stopped(&place).await;
    place.time.leap(-3_600_000_000);
    let refusal = place.refusal().await;
    assert!(refusal.contains("set the clock right"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_whose_key_is_lost_are_looked_for_in_the_ledger_and_never_in_a_new_snapshot() {
    let place = Place::new();
    stopped(&place).await;
    let path = place.data().join(SNAPSHOT);
    let before = fs::read(&path).unwrap();
    let node = place.start().await.unwrap();
    let acme = node.register().await.id.to_string();
    let found = node.core.state.find_keys(std::slice::from_ref(&acme)).await.unwrap();
    let key = found[&acme].clone().unwrap();
    lose_key(&place, &acme).await;
    node.stop().await;
    let node = place.start().await.unwrap();
    assert_eq!(begun(&node), (None, 5));
    node.core.state.insert_key(&acme, &key).await.unwrap();
    node.stop().await;
    assert!(fs::read(&path).unwrap() == before, "it would say that the texts are erased");
    let node = place.start().await.unwrap();
    assert_eq!(begun(&node), (Some(5), 0));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_whose_key_was_erased_after_a_snapshot_was_written_are_not_in_it_any_more() {
    let place = Place::new();
    let token = stopped(&place).await;
    let node = place.start().await.unwrap();
    let acme = node.register().await.id.to_string();
    assert!(is_named(&node, &token, "ci"));
    node.core.state.erase_key(&acme).await.unwrap();
    node.stop().await;
    let node = place.start().await.unwrap();
    assert_eq!(begun(&node), (Some(5), 0), "what is erased is not missed");
    assert!(node.takes(&token) && !is_named(&node, &token, "ci"));
    node.stop().await;
}

/// Whether the gate names a token.
fn is_named(node: &Node, token: &str, name: &str) -> bool {
    let question = Question { token, asker: Asker::Platform, permissions: &[], endpoint: None };
    let decision = node.gate().decide(&question, node.core.clock.now()).unwrap();
    format!("{decision:?}").contains(&format!("name: Some({name:?})"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_written_whenever_the_ledger_has_grown_by_much() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    let path = place.folder.path().join("another.snapshot");
    let snapshots = Arc::new(node.core.snapshots.elsewhere(path.clone(), 3));
    let writing = tokio::spawn(snapshots.write_as_it_grows(node.core.log.head()));
    let acme = node.register().await;
    node.issue(&acme, "ci", Lifespan::days(30)).await;
    until(async || path.exists()).await;
    writing.abort();
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_behind_a_snapshot_is_found_while_the_node_answers_and_ends_the_writing() {
    let place = Place::new();
    let token = stopped(&place).await;
    let path = place.data().join("ledger.db");
    let mut bytes = fs::read(&path).unwrap();
    // SQLite leaves copies behind where it has moved a record.
    let copies = (0..bytes.len()).filter(|it| bytes[*it..].starts_with(b"member.added.v1"));
    copies.collect::<Vec<_>>().into_iter().for_each(|at| bytes[at] ^= 0x01);
    fs::write(&path, bytes).unwrap();
    let node = place.start().await.unwrap();
    let address = node.address();
    let not_ready = async || {
        let (status, answer) = get(address, "/readyz", "").await;
        status == 503 && answer.contains("position 3")
    };
    until(not_ready).await;
    until(async || node.core.log.is_writable().is_err()).await;
    assert!(node.takes(&token), "what was known is still answered");
    let refused = node.core.log.is_writable().unwrap_err();
    assert!(refused.contains("position 3"), "{refused}");
    node.stop().await;
    let refusal = place.refusal().await;
    assert!(refusal.contains("damaged at position 3"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_of_a_person_is_told_after_a_start_from_a_snapshot() {
    let place = Place::new();
    stopped(&place).await;
    let node = place.start().await.unwrap();
    let inspection = super::inspection::Inspection {
        log: node.core.log.clone(),
        state: Arc::clone(&node.core.state),
        snapshots: Arc::clone(&node.core.snapshots),
        end: Position(5),
    };
    assert_eq!(inspection.look().await.unwrap(), None);
    let acme = node.register().await;
    lose_key(&place, &acme.owner.to_string()).await;
    let keyless = inspection.look().await.unwrap();
    assert_eq!(keyless, Some(super::fold::Keyless { position: Position(2), subjects: 1 }));
    node.stop().await;
}

async fn until(is_so: impl AsyncFn() -> bool) {
    let waited = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waited).await.unwrap();
}
