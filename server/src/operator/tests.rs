use std::{fs, os::unix::fs::MetadataExt, path::PathBuf};

use domain::secret::{Brand, Kind, SecretId, SecretText};

use super::{OperatorToken, reset, token_file};
use crate::node::{Node, testing::Place};

fn secret(random: u8) -> SecretText {
    SecretText::assemble(&Brand::default(), Kind::Ops, SecretId::from_random([random; 10]), &[random; 24])
}

fn file_in(place: &Place) -> PathBuf {
    place.folder.path().join("operator.token")
}

async fn start_with_file(place: &Place) -> anyhow::Result<Node> {
    Node::start(&place.config_with(Some(&file_in(place))), place.time.clone()).await
}

fn read(path: &std::path::Path) -> String {
    fs::read_to_string(path).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_writes_the_token_to_its_file_for_its_owner_alone() {
    let place = Place::new();
    let mut node = start_with_file(&place).await.unwrap();
    let path = file_in(&place);
    assert!(matches!(node.take_operator_token(), Some(OperatorToken::InFile(it)) if it == path));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert!(node.takes(&read(&path)));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_died_between_the_file_and_the_fact_is_completed_with_the_same_secret() {
    let place = Place::new();
    let path = file_in(&place);
    let text = secret(7).into_text_shown_once();
    let made = SecretText::from_shown(text.clone(), &Brand::default()).unwrap();
    token_file::write(&path, made, &Brand::default()).unwrap();
    let node = start_with_file(&place).await.unwrap();
    assert_eq!(read(&path), *text);
    assert!(node.takes(&text));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_holds_something_else_is_left_alone() {
    let place = Place::new();
    fs::write(file_in(&place), "export PATH=/usr/bin\n").unwrap();
    let refusal = format!("{:#}", start_with_file(&place).await.err().unwrap());
    assert!(refusal.contains("--operator-token-file"), "{refusal}");
    assert_eq!(read(&file_in(&place)), "export PATH=/usr/bin");
    // Nothing was given away meanwhile: another file is taken.
    fs::remove_file(file_in(&place)).unwrap();
    let node = start_with_file(&place).await.unwrap();
    assert!(node.takes(&read(&file_in(&place))));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_voids_the_token_before_and_gives_another() {
    let place = Place::new();
    let node = start_with_file(&place).await.unwrap();
    let before = read(&file_in(&place));
    node.stop().await;
    let config = place.config_with(Some(&file_in(&place)));
    let given = reset(&config, place.time.clone()).await.unwrap();
    assert!(matches!(given, OperatorToken::InFile(_)));
    let shown = match reset(&place.config(), place.time.clone()).await.unwrap() {
        OperatorToken::ShownOnce(text) => text,
        OperatorToken::InFile(_) => panic!("no file was named"),
    };
    let between = read(&file_in(&place));
    let node = place.start().await.unwrap();
    assert!(!node.takes(&before) && !node.takes(&between) && node.takes(&shown));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_beside_a_running_server_is_refused() {
    let place = Place::new();
    let (node, token) = place.first_start().await;
    let refusal = reset(&place.config(), place.time.clone()).await.err().unwrap().to_string();
    assert!(refusal.contains("stop that process"), "{refusal}");
    assert!(node.takes(&token));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_of_no_ledger_makes_nothing() {
    let place = Place::new();
    let refusal = reset(&place.config(), place.time.clone()).await.err().unwrap().to_string();
    assert!(refusal.contains("holds no ledger"), "{refusal}");
    assert!(!place.data().exists());
}

#[test]
fn a_file_is_replaced_whole_and_reads_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("operator.token");
    let brand = Brand::default();
    assert!(token_file::read(&path, &brand).unwrap().is_none());
    for random in [1, 2] {
        let id = secret(random).id();
        token_file::write(&path, secret(random), &brand).unwrap();
        assert_eq!(token_file::read(&path, &brand).unwrap().unwrap().id(), id);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    fs::write(&path, "\n").unwrap();
    assert!(token_file::read(&path, &brand).unwrap().is_none(), "an empty file says nothing");
}
