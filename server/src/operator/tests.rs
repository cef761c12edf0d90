use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use domain::secret::{Brand, Kind, SecretId, SecretText};

use super::{
    Kept, OperatorToken, reset,
    reset::{append, prepare},
    token_file,
};
use crate::node::{Node, core::Core, testing::Place};

fn secret(random: u8) -> SecretText {
    SecretText::assemble(&Brand::default(), Kind::Ops, SecretId::from_random([random; 10]), &[random; 24])
}

fn file_in(place: &Place) -> PathBuf {
    place.folder.path().join("operator.token")
}

async fn start_with_file(place: &Place) -> anyhow::Result<Node> {
    Node::start(&place.config_with(Some(&file_in(place))), place.time.clone()).await
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap().trim().to_owned()
}

/// A file with this content and mode.
fn lay(path: &Path, content: &str, mode: u32) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

async fn refusal_with_file(place: &Place) -> String {
    format!("{:#}", start_with_file(place).await.err().unwrap())
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
    lay(&file_in(&place), "export PATH=/usr/bin\n", 0o600);
    let refusal = refusal_with_file(&place).await;
    assert!(refusal.contains("--operator-token-file"), "{refusal}");
    assert_eq!(read(&file_in(&place)), "export PATH=/usr/bin");
    // Nothing was given away meanwhile: another file is taken.
    fs::remove_file(file_in(&place)).unwrap();
    let node = start_with_file(&place).await.unwrap();
    assert!(node.takes(&read(&file_in(&place))));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_others_may_have_prepared_never_becomes_the_token() {
    let place = Place::new();
    let path = file_in(&place);
    let prepared = secret(7).into_text_shown_once();
    for mode in [0o666, 0o640, 0o604, 0o620] {
        lay(&path, &prepared, mode);
        let refusal = refusal_with_file(&place).await;
        assert!(refusal.contains("chmod 600") && refusal.contains("remove"), "{mode:o}: {refusal}");
    }
    fs::remove_file(&path).unwrap();
    let elsewhere = place.folder.path().join("elsewhere");
    lay(&elsewhere, &prepared, 0o600);
    symlink(&elsewhere, &path).unwrap();
    let refusal = refusal_with_file(&place).await;
    assert!(refusal.contains("not a regular file"), "{refusal}");
    fs::remove_file(&path).unwrap();
    let node = start_with_file(&place).await.unwrap();
    assert!(!node.takes(&prepared) && node.takes(&read(&path)));
    node.stop().await;
}

#[test]
fn a_folder_or_a_pipe_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = token_file::read(folder.path(), &Brand::default()).err().unwrap().to_string();
    assert!(refusal.contains("not a regular file"), "{refusal}");
    let pipe = folder.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    let refusal = token_file::read(&pipe, &Brand::default()).err().unwrap().to_string();
    assert!(refusal.contains("not a regular file"), "{refusal}");
}

/// A place whose operators have a token in a file, with no server on it.
async fn served_before() -> (Place, String) {
    let place = Place::new();
    start_with_file(&place).await.unwrap().stop().await;
    let before = read(&file_in(&place));
    (place, before)
}

async fn core(place: &Place) -> Core {
    Core::open(&place.config(), place.time.clone()).await.unwrap().0
}

fn beside(place: &Place) -> PathBuf {
    token_file::beside(&file_in(place))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_that_died_before_its_facts_leaves_the_token_before() {
    let (place, before) = served_before().await;
    let core = core(&place).await;
    prepare(&core, &file_in(&place)).unwrap();
    core.close().await;
    assert_eq!(read(&file_in(&place)), before, "nothing is replaced before the facts");
    assert_eq!(fs::metadata(beside(&place)).unwrap().mode() & 0o777, 0o600);
    let node = start_with_file(&place).await.unwrap();
    assert!(!beside(&place).exists());
    assert!(node.takes(&before) && read(&file_in(&place)) == before);
    assert_eq!(node.operator_token_in(&file_in(&place)), Kept::Live);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_that_died_after_its_facts_is_completed_by_the_next_start_or_reset() {
    for completed_by_reset in [false, true] {
        let (place, before) = served_before().await;
        let core = core(&place).await;
        append(&core, prepare(&core, &file_in(&place)).unwrap()).await.unwrap();
        core.close().await;
        let given = read(&beside(&place));
        if completed_by_reset {
            // It gives another one, but nothing that is live is lost on the way.
            reset(&place.config_with(Some(&file_in(&place))), place.time.clone()).await.unwrap();
            assert_ne!(read(&file_in(&place)), given);
        }
        let node = start_with_file(&place).await.unwrap();
        assert!(!beside(&place).exists());
        assert!(!node.takes(&before) && node.takes(&read(&file_in(&place))));
        assert_eq!(node.takes(&given), !completed_by_reset);
        assert_eq!(read(&file_in(&place)) == given, !completed_by_reset);
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_that_died_between_its_facts_leaves_no_token_and_the_start_knows() {
    let (place, before) = served_before().await;
    let core = core(&place).await;
    // Another reset's facts void what lies beside the file as a crash between the two facts does.
    append(&core, prepare(&core, &file_in(&place)).unwrap()).await.unwrap();
    append(&core, core.commands.make_operator_secret().unwrap()).await.unwrap();
    core.close().await;
    let node = start_with_file(&place).await.unwrap();
    assert!(!beside(&place).exists() && !node.takes(&before));
    assert_eq!(node.operator_token_in(&file_in(&place)), Kept::Void);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_off_while_it_was_written_is_removed_and_what_others_prepared_is_refused() {
    let (place, before) = served_before().await;
    for cut in ["", "c9d_ops_abc"] {
        lay(&beside(&place), cut, 0o600);
        let node = start_with_file(&place).await.unwrap();
        assert!(!beside(&place).exists() && read(&file_in(&place)) == before);
        node.stop().await;
    }
    lay(&beside(&place), &before, 0o666);
    let refusal = refusal_with_file(&place).await;
    assert!(refusal.contains("operator.token.new") && refusal.contains("chmod 600"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_start_knows_what_the_file_is_worth() {
    let (place, _) = served_before().await;
    let node = start_with_file(&place).await.unwrap();
    let path = file_in(&place);
    assert_eq!(node.operator_token_in(&path), Kept::Live);
    lay(&path, &secret(7).into_text_shown_once(), 0o600);
    assert_eq!(node.operator_token_in(&path), Kept::Void);
    lay(&path, "", 0o600);
    assert_eq!(node.operator_token_in(&path), Kept::Nothing);
    lay(&path, "something else", 0o600);
    assert!(matches!(node.operator_token_in(&path), Kept::Unusable(why) if why.contains("something else")));
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
    lay(&path, "\n", 0o600);
    assert!(token_file::read(&path, &brand).unwrap().is_none(), "an empty file says nothing");
}
