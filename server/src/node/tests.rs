use std::{fs, os::unix::fs::DirBuilderExt, path::Path, sync::Arc, time::Duration};

use api::app::Readiness;
use domain::{
    secret::{Brand, Pepper},
    time::Lifespan,
};
use eventlog::{EventLog, Position};
use projections::{
    feed::Feed,
    gate::{Gate, Peppers},
};
use schemas::sealing::{Keyring, OsRandomness};
use store::{Sql, SqliteMode, SqliteSql, Statement};

use super::{
    Node,
    fold::{Folding, Keyless},
    keys::masters,
    pulse::Health,
    readiness::NodeReadiness,
    shelf::StateShelf,
    testing::{NOON, Place, get},
};
use crate::{keys::KeyFiles, operator::reset};

const LEDGER: &str = "ledger.db";

#[tokio::test(flavor = "multi_thread")]
async fn a_node_answers_from_a_fresh_folder_and_stops() {
    let place = Place::new();
    let (node, token) = place.first_start().await;
    let address = node.address();
    node.views_follow().await;
    assert_eq!(get(address, "/livez", "").await.0, 200);
    let (status, answer) = get(address, "/readyz", "").await;
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = get(address, "/v1/whoami", &token).await;
    assert!(status == 200 && answer.contains(r#""kind":"ops""#), "{answer}");
    node.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_on_the_folder_is_refused_with_the_process_and_the_remedy() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    let refusal = place.refusal().await;
    assert!(refusal.contains(&format!("process {}", std::process::id())), "{refusal}");
    assert!(refusal.contains("--data"), "{refusal}");
    node.stop().await;
    place.start().await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_shows_no_token_and_takes_the_one_that_was_shown() {
    let place = Place::new();
    let (node, token) = place.first_start().await;
    node.stop().await;
    let mut node = place.start().await.unwrap();
    assert!(node.take_operator_token().is_none());
    assert!(node.takes(&token));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_that_finds_its_address_taken_gives_no_token_away() {
    let place = Place::new();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = place.config();
    config.server.listen = other.local_addr().unwrap();
    let refusal = format!("{:#}", Node::start(&config, place.time.clone()).await.err().unwrap());
    assert!(refusal.contains("--listen"), "{refusal}");
    let (node, token) = place.first_start().await;
    assert!(node.takes(&token));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_of_a_record_refuses_the_start_and_says_where() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.register().await;
    node.stop().await;
    let path = place.data().join(LEDGER);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(15).position(|it| it == b"member.added.v1").unwrap();
    bytes[at] ^= 0x01;
    fs::write(&path, bytes).unwrap();
    // A start that has one answers before it looks at what lies behind it.
    fs::remove_file(place.data().join("gate.snapshot")).unwrap();
    let refusal = place.refusal().await;
    assert!(refusal.contains("damaged at position 3"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_has_lost_what_was_seen_is_not_served() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.register().await;
    node.stop().await;
    fs::remove_file(place.data().join(LEDGER)).unwrap();
    let refusal = place.refusal().await;
    assert!(refusal.contains("ends at position 0") && refusal.contains("position 4"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ledger_under_the_same_state_is_not_served() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.stop().await;
    let twin = Place::new();
    copy_folder(&place.data(), &twin.data());
    for folder in [&place, &twin] {
        reset(&folder.config(), folder.time.clone()).await.unwrap();
    }
    fs::copy(place.data().join(LEDGER), twin.data().join(LEDGER)).unwrap();
    let refusal = twin.refusal().await;
    assert!(refusal.contains("another record at position 3"), "{refusal}");
}

/// A copy of a folder and of what lies in it.
fn copy_folder(from: &Path, to: &Path) {
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let path = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &path);
        } else {
            fs::copy(entry.path(), path).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_gone_refuse_the_start() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.stop().await;
    fs::remove_dir_all(place.data().join("keys")).unwrap();
    let refusal = place.refusal().await;
    assert!(refusal.contains("holds no keys"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_gone_refuses_the_start_and_is_not_made_anew() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.register().await;
    node.stop().await;
    let (path, elsewhere) = (place.data().join("state.db"), place.folder.path().join("elsewhere"));
    fs::rename(&path, &elsewhere).unwrap();
    for _ in 0..2 {
        let refusal = place.refusal().await;
        assert!(refusal.contains(&format!("`{}` is missing", path.display())), "{refusal}");
        assert!(refusal.contains("position 4") && refusal.contains("from a backup"), "{refusal}");
        let refusal = reset(&place.config(), place.time.clone()).await.err().unwrap().to_string();
        assert!(refusal.contains("is missing"), "{refusal}");
        assert!(!path.exists());
    }
    fs::write(&path, "").unwrap();
    assert!(place.refusal().await.contains("is missing"), "an empty file holds no keys either");
    fs::rename(&elsewhere, &path).unwrap();
    place.start().await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_key_that_is_gone_is_told_with_the_first_place_that_needs_it() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    let acme = node.register().await;
    node.issue(&acme, "ci", Lifespan::hours(1)).await;
    node.stop().await;
    let node = place.start().await.unwrap();
    assert_eq!(keyless(&place, &node).await, None);
    lose_key(&place, &acme.owner.to_string()).await;
    assert_eq!(keyless(&place, &node).await, Some(Keyless { position: Position(2), subjects: 1 }));
    lose_key(&place, &acme.id.to_string()).await;
    assert_eq!(keyless(&place, &node).await, Some(Keyless { position: Position(2), subjects: 2 }));
    node.stop().await;
}

/// Loses a data key, which nobody has erased.
pub(super) async fn lose_key(place: &Place, subject: &str) {
    let state = SqliteSql::open(&place.data().join("state.db"), SqliteMode::State).unwrap();
    let delete = Statement::new("DELETE FROM keyring WHERE subject = $1", vec![subject.into()]);
    state.transact(vec![delete]).await.unwrap();
}

/// What a start would find that reads the ledger now.
async fn keyless(place: &Place, node: &Node) -> Option<Keyless> {
    let files = KeyFiles::open(&place.config().keys.dir).unwrap();
    let shelf = Arc::new(StateShelf::of(Arc::clone(&node.core.state)));
    let keyring = Keyring::new(shelf.clone(), masters(&files).unwrap(), Arc::new(OsRandomness), 100);
    let feed = Feed::new(node.core.log.clone(), Arc::new(keyring));
    let pepper = Pepper::new("k1".parse().unwrap(), files.pepper.bytes());
    let gate = Gate::new(Brand::default(), Peppers::new(pepper, []));
    let folding = Folding { log: node.core.log.as_ref(), feed: &feed, shelf: &shelf };
    folding.into_gate(&gate, None).await.unwrap().keyless
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_under_another_master_key_are_told_apart_from_a_damaged_ledger() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.register().await;
    node.stop().await;
    let other = Place::new();
    other.first_start().await.0.stop().await;
    let master = "keys/master-m1.key";
    fs::copy(other.data().join(master), place.data().join(master)).unwrap();
    let refusal = place.refusal().await;
    assert!(refusal.contains("another master key"), "{refusal}");
    assert!(!refusal.contains("the ledger cannot be served"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_whose_clock_is_far_behind_the_ledger_does_not_start() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.stop().await;
    place.time.leap(-3_600_000_000);
    let refusal = place.refusal().await;
    assert!(refusal.contains(&NOON.to_string()), "{refusal}");
    assert!(refusal.contains("set the clock right"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_in_a_view_is_thrown_away_and_the_view_built_again() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.register().await;
    node.views_follow().await;
    node.stop().await;
    let views = fs::read_dir(place.data().join("views")).unwrap().map(|it| it.unwrap().path());
    let files: Vec<_> = views.filter(|it| it.is_file() && !it.is_symlink()).collect();
    assert!(1 < files.len(), "{files:?}");
    for file in files {
        fs::write(file, [0xa5; 8_192]).unwrap();
    }
    let node = place.start().await.unwrap();
    node.views_follow().await;
    assert_eq!(get(node.address(), "/readyz", "").await.0, 200);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires_under_a_clock_that_is_moved_by_hand() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    let acme = node.register().await;
    let issued = node.issue(&acme, "short", Lifespan::hours(1)).await;
    let token = issued.secret.unwrap().into_text_shown_once();
    assert!(node.takes(&token));
    place.time.advance(Lifespan::hours(1));
    assert!(!node.takes(&token), "the gate waits for no worker");
    let mut head = node.core.log.head();
    let noted = head.wait_for(|it| 6 <= it.0);
    tokio::time::timeout(Duration::from_secs(20), noted).await.unwrap().unwrap();
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_gate_is_damaged_says_so() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    let other = Pepper::new("k9".parse().unwrap(), &[9; 32]);
    let gate = Arc::new(Gate::new(Brand::default(), Peppers::new(other, [])));
    let shelf = StateShelf::of(Arc::clone(&node.core.state));
    let folding = Folding { log: node.core.log.as_ref(), feed: &node.core.feed, shelf: &shelf };
    let refusal = format!("{:#}", folding.into_gate(&gate, None).await.unwrap_err());
    assert!(refusal.contains("pepper in `keys.dir`") && !refusal.contains("ledger.db"), "{refusal}");
    let readiness = NodeReadiness {
        gate,
        views: vec![],
        health: Arc::new(Health::default()),
        recorder: Arc::clone(node.recording.recorder()),
        clock: Arc::clone(&node.core.clock),
    };
    let missing = readiness.missing().join("; ");
    assert!(missing.contains("position 1") && missing.contains("k1"), "{missing}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_ledger_takes_nothing_any_more_says_so() {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    node.core.log.close().await;
    let address = node.address();
    let not_ready = async {
        while get(address, "/readyz", "").await.0 != 503 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), not_ready).await.unwrap();
    assert_eq!(get(address, "/livez", "").await.0, 200);
    node.stop().await;
}
