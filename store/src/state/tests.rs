use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const ADA: &str = "mem_ada";
const BEN: &str = "mem_ben";
const ACME: &str = "org_acme";

async fn in_file() -> (TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open_sqlite(folder.path().join("state.db")).await.unwrap();
    (folder, state)
}

fn subjects(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// A wrapped key that looks like no other's, not even in part.
fn key(seed: u64) -> Vec<u8> {
    (1..=9u64)
        .flat_map(|n| {
            let mixed = (seed * 9 + n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).to_le_bytes()
        })
        .collect()
}

#[tokio::test]
async fn the_first_key_of_a_subject_wins() {
    let state = State::in_memory().await.unwrap();
    assert_eq!(state.insert_key(ADA, b"first").await.unwrap().unwrap(), b"first");
    assert_eq!(state.insert_key(ADA, b"second").await.unwrap().unwrap(), b"first");
    let found = state.find_keys(&subjects(&[ADA, BEN, ADA])).await.unwrap();
    assert_eq!(found, HashMap::from([(ADA.to_owned(), Some(b"first".to_vec()))]));
    assert!(state.find_keys(&[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_who_inserts_at_once_is_answered_the_same_key() {
    let (_folder, state) = in_file().await;
    let racers: Vec<_> = (0..8u8)
        .map(|n| {
            let state = state.clone();
            tokio::spawn(async move { state.insert_key(ADA, &[n; 40]).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn an_erased_key_is_gone_and_none_may_follow() {
    let state = State::in_memory().await.unwrap();
    state.insert_key(ADA, b"first").await.unwrap();
    for subject in [ADA, ADA, BEN] {
        state.erase_key(subject).await.unwrap();
        assert_eq!(state.find_keys(&subjects(&[subject])).await.unwrap()[subject], None);
        assert_eq!(state.insert_key(subject, b"second").await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_erasure_and_whoever_makes_a_key_at_once_the_erasure_wins() {
    let (_folder, state) = in_file().await;
    for n in 0..20u8 {
        let subject = format!("mem_{n}");
        let (_, erased) = tokio::join!(state.insert_key(&subject, b"key"), state.erase_key(&subject));
        erased.unwrap();
        assert_eq!(state.find_keys(std::slice::from_ref(&subject)).await.unwrap()[&subject], None);
    }
}

#[tokio::test]
async fn of_two_that_reserve_an_address_one_wins() {
    let (_folder, state) = in_file().await;
    let reserve = |member| state.reserve_address(ACME, b"tag", member);
    let (ada, ben) = tokio::join!(reserve(ADA), reserve(BEN));
    let (ada, ben) = (ada.unwrap(), ben.unwrap());
    assert_eq!(ada, ben);
    assert_eq!(state.reserve_address(ACME, b"tag", BEN).await.unwrap(), ada);
    assert_eq!(state.reserve_address("org_b", b"tag", BEN).await.unwrap(), BEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_reserve_an_address_agree_on_one() {
    let (folder, one) = in_file().await;
    let two = State::open_sqlite(folder.path().join("state.db")).await.unwrap();
    for n in 0..20u8 {
        let tag = [n];
        let (first, second) =
            tokio::join!(one.reserve_address(ACME, &tag, ADA), two.reserve_address(ACME, &tag, BEN));
        assert_eq!(first.unwrap(), second.unwrap());
    }
}

#[tokio::test]
async fn an_address_is_released_by_its_holder_only() {
    let state = State::in_memory().await.unwrap();
    state.reserve_address(ACME, b"tag", ADA).await.unwrap();
    assert!(!state.release_address(ACME, b"tag", BEN).await.unwrap());
    assert!(state.release_address(ACME, b"tag", ADA).await.unwrap());
    assert!(!state.release_address(ACME, b"tag", ADA).await.unwrap());
    assert_eq!(state.reserve_address(ACME, b"tag", BEN).await.unwrap(), BEN);
    state.reserve_address(ACME, b"another", BEN).await.unwrap();
    state.release_addresses_of(ACME, ADA).await.unwrap();
    assert_eq!(state.reserve_address(ACME, b"tag", ADA).await.unwrap(), BEN);
    state.release_addresses_of(ACME, BEN).await.unwrap();
    assert_eq!(state.reserve_address(ACME, b"tag", ADA).await.unwrap(), ADA);
    assert_eq!(state.reserve_address(ACME, b"another", ADA).await.unwrap(), ADA);
}

#[tokio::test]
async fn the_mark_only_moves_forward() {
    let state = State::in_memory().await.unwrap();
    assert_eq!(state.incarnation().await.unwrap(), 1);
    assert_eq!(state.last_record_seen().await.unwrap(), None);
    state.note_record_seen(7, [7; 32]).await.unwrap();
    state.note_record_seen(7, [8; 32]).await.unwrap();
    state.note_record_seen(3, [3; 32]).await.unwrap();
    assert_eq!(state.last_record_seen().await.unwrap(), Some((7, [7; 32])));
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let (folder, state) = in_file().await;
    state.insert_key(ADA, b"key").await.unwrap();
    state.erase_key(BEN).await.unwrap();
    state.reserve_address(ACME, b"tag", ADA).await.unwrap();
    state.note_record_seen(7, [7; 32]).await.unwrap();
    drop(state);
    let state = State::open_sqlite(folder.path().join("state.db")).await.unwrap();
    assert_eq!(state.insert_key(ADA, b"other").await.unwrap().unwrap(), b"key");
    assert_eq!(state.insert_key(BEN, b"other").await.unwrap(), None, "the erasure outlives the process");
    assert_eq!(state.reserve_address(ACME, b"tag", BEN).await.unwrap(), ADA);
    assert_eq!(state.last_record_seen().await.unwrap(), Some((7, [7; 32])));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_reads_sees_what_another_writes_and_changes_nothing() {
    let (folder, state) = in_file().await;
    state.insert_key(ADA, b"key").await.unwrap();
    let reading = State::open_read_only(folder.path().join("state.db")).await.unwrap();
    assert_eq!(reading.find_keys(&subjects(&[ADA])).await.unwrap()[ADA].as_deref(), Some(&b"key"[..]));
    state.insert_key(BEN, b"other").await.unwrap();
    assert_eq!(reading.find_keys(&subjects(&[BEN])).await.unwrap()[BEN].as_deref(), Some(&b"other"[..]));
    assert!(matches!(reading.insert_key("mem_eve", b"key").await, Err(SqlError::ReadOnly)));
    assert!(matches!(reading.erase_key(ADA).await, Err(SqlError::ReadOnly)));
    drop((state, reading));
    let again = State::open_read_only(folder.path().join("state.db")).await.unwrap();
    assert_eq!(again.find_keys(&subjects(&[ADA, BEN, "mem_eve"])).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_state_that_is_not_there_cannot_be_read_and_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let refused = State::open_read_only(&path).await.err().unwrap();
    assert!(refused.to_string().contains("state.db"), "{refused}");
    assert!(!path.exists());
    fs::write(&path, "").unwrap();
    assert!(State::open_read_only(&path).await.is_err(), "an empty file is no state");
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    let (folder, _state) = in_file().await;
    let mode = fs::metadata(folder.path().join("state.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_that_start_at_once_on_an_empty_folder_all_come_up() {
    let folder = tempfile::tempdir().unwrap();
    let starts: Vec<_> =
        (0..8).map(|_| tokio::spawn(State::open_sqlite(folder.path().join("state.db")))).collect();
    for start in starts {
        let state = start.await.unwrap().unwrap();
        assert_eq!(state.incarnation().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn erased_keys_leave_no_byte_in_any_file() {
    let (folder, state) = in_file().await;
    // Out of order, so that pages are split and joined, with others made in between.
    let numbers: Vec<u64> = (0..400).map(|n| (n * 7_919) % 400).collect();
    for n in &numbers {
        state.insert_key(&format!("mem_{n}"), &key(*n)).await.unwrap();
    }
    let before = found_in(&bytes_of(folder.path()), 400);
    assert_eq!(before.len(), 400, "the search must be able to find");
    for n in numbers.iter().rev().filter(|n| **n % 3 != 0) {
        state.erase_key(&format!("mem_{n}")).await.unwrap();
        if n % 5 == 0 {
            state.insert_key(&format!("org_{n}"), &key(n + 10_000)).await.unwrap();
        }
    }
    let after = found_in(&bytes_of(folder.path()), 400);
    assert_eq!(after, (0..400).filter(|n| n % 3 == 0).collect());
}

fn bytes_of(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap();
    files.flat_map(|it| fs::read(it.unwrap().path()).unwrap()).collect()
}

/// The numbers of the first keys of which any quarter lies anywhere in the bytes.
fn found_in(bytes: &[u8], keys: u64) -> BTreeSet<u64> {
    let keys: Vec<(u64, Vec<u8>)> = (0..keys).map(|n| (n, key(n))).collect();
    let parts: HashMap<&[u8], u64> =
        keys.iter().flat_map(|(n, key)| key.chunks_exact(16).map(|part| (part, *n))).collect();
    bytes.windows(16).filter_map(|it| parts.get(it).copied()).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, Vec<u8>),
    Erase(u8),
    Find(Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u8..6, prop::collection::vec(any::<u8>(), 1..50)).prop_map(|(s, k)| Step::Insert(s, k)),
        (0u8..6).prop_map(Step::Erase),
        prop::collection::vec(0u8..8, 0..9).prop_map(Step::Find),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_keyring_is_a_map_where_the_first_wins_and_an_erasure_ends_all(steps in prop::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let state = State::in_memory().await.unwrap();
            let mut model: BTreeMap<u8, Option<Vec<u8>>> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Insert(subject, key) => {
                        let first = model.entry(subject).or_insert_with(|| Some(key.clone()));
                        let answer = state.insert_key(&subject.to_string(), &key).await.unwrap();
                        assert_eq!(&answer, first);
                    }
                    Step::Erase(subject) => {
                        model.insert(subject, None);
                        state.erase_key(&subject.to_string()).await.unwrap();
                    }
                    Step::Find(asked) => {
                        let names: Vec<_> = asked.iter().map(ToString::to_string).collect();
                        let found = state.find_keys(&names).await.unwrap();
                        let expected: HashMap<_, _> = asked
                            .iter()
                            .filter_map(|it| Some((it.to_string(), model.get(it)?.clone())))
                            .collect();
                        assert_eq!(found, expected);
                    }
                }
            }
        });
    }
}
