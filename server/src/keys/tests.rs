use std::os::unix::fs::PermissionsExt;

use super::*;

fn refusal(dir: &Path, ledger_exists: bool) -> String {
    match KeyFiles::open_or_make(dir, ledger_exists) {
        Ok(_) => panic!("the keys were taken"),
        Err(err) => err.to_string(),
    }
}

fn made() -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("keys");
    KeyFiles::open_or_make(&dir, false).unwrap_or_else(|err| panic!("{err}"));
    (parent, dir)
}

fn every_key(keys: &KeyFiles) -> Vec<(String, [u8; 32])> {
    [&keys.pepper, &keys.master, &keys.request_id, &keys.command_mac, &keys.address_book]
        .map(|it| (it.id().to_owned(), *it.bytes()))
        .to_vec()
}

fn opened(dir: &Path) -> Vec<(String, [u8; 32])> {
    let keys = KeyFiles::open(dir).unwrap_or_else(|err| panic!("{err}"));
    every_key(&keys)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_first_start_makes_private_files_that_later_ones_read() {
    let (_parent, dir) = made();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let files = entries(&dir).unwrap();
    assert_eq!(files.len(), Purpose::ALL.len());
    assert!(files.iter().all(|it| mode(it) == 0o600));

    let first = opened(&dir);
    let again = KeyFiles::open_or_make(&dir, true).unwrap_or_else(|err| panic!("{err}"));
    assert_eq!(every_key(&again), first);
    assert_eq!(first[0].0, "k1");
    assert_eq!(first[1].0, "m1");
    let different: std::collections::BTreeSet<_> = first.iter().map(|it| it.1).collect();
    assert_eq!(different.len(), first.len());
}

#[test]
fn a_file_is_one_line_that_names_its_purpose_and_id() {
    let text = line::write(Purpose::Pepper, "k1", &[7; 32]);
    assert_eq!(text.as_str(), "counterfoil-key v1 pepper k1 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\n");
    let key = line::read(&text, Purpose::Pepper).unwrap();
    assert_eq!((key.id(), key.bytes()), ("k1", &[7; 32]));
    assert!(line::read(&text, Purpose::Master).is_none());
    assert!(line::read(&format!("{}more\n", text.as_str()), Purpose::Pepper).is_none());
    assert!(line::read(&text.replace("v1", "v2"), Purpose::Pepper).is_none());
    assert!(line::read(&text.replace("Bwc\n", "Bw\n"), Purpose::Pepper).is_none());
    assert!(line::read("", Purpose::Pepper).is_none());
}

#[test]
fn what_others_may_read_is_refused_with_the_remedy() {
    let (_parent, dir) = made();
    let file = dir.join("pepper-k1.key");
    for mode in [0o640, 0o604, 0o620] {
        set_mode(&file, mode);
        let text = refusal(&dir, true);
        assert!(text.contains("chmod 600"), "{text}");
    }
    set_mode(&file, 0o600);
    set_mode(&dir, 0o750);
    assert!(refusal(&dir, true).contains("chmod 700"));
}

#[test]
fn a_folder_that_others_may_read_gets_no_keys() {
    let dir = tempfile::tempdir().unwrap();
    set_mode(dir.path(), 0o755);
    assert!(refusal(dir.path(), false).contains("chmod 700"));
    assert_eq!(entries(dir.path()).unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn no_new_pepper_is_made_for_an_old_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let text = refusal(dir.path(), true);
    assert!(text.contains("holds no keys, but the ledger was written under some"), "{text}");
}

#[test]
fn a_missing_file_among_others_is_named_and_not_made_anew() {
    for ledger_exists in [false, true] {
        let (_parent, dir) = made();
        fs::remove_file(dir.join("pepper-k1.key")).unwrap();
        let text = refusal(&dir, ledger_exists);
        assert!(text.contains("lacks pepper-k1.key"), "{text}");
        assert!(!dir.join("pepper-k1.key").exists());
    }
}

#[test]
fn a_file_under_another_files_name_is_refused_without_showing_it() {
    let (_parent, dir) = made();
    fs::copy(dir.join("master-m1.key"), dir.join("pepper-k1.key")).unwrap();
    let text = refusal(&dir, true);
    assert!(text.contains("not a key file for the purpose `pepper`"), "{text}");
    assert!(!text.contains("counterfoil-key"), "{text}");
}

#[test]
fn a_key_that_this_version_would_not_use_is_refused() {
    let (_parent, dir) = made();
    fs::write(dir.join("pepper-k2.key"), "").unwrap();
    assert!(refusal(&dir, true).contains("pepper-k2.key` is not used by this version"));
}

#[test]
fn dying_before_the_first_rename_begins_anew() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("keys");
    fs::create_dir(&dir).unwrap();
    set_mode(&dir, 0o700);
    fs::write(dir.join("pepper-k1.key.new"), "counterfoil-k").unwrap();
    KeyFiles::open_or_make(&dir, false).unwrap_or_else(|err| panic!("{err}"));
    assert_eq!(entries(&dir).unwrap().len(), Purpose::ALL.len());
}

#[test]
fn dying_between_the_renames_is_completed_with_the_same_keys() {
    for renamed in 1..Purpose::ALL.len() {
        let (_parent, dir) = made();
        let before = opened(&dir);
        for purpose in Purpose::ALL.iter().skip(renamed) {
            let path = dir.join(purpose.file_name());
            fs::rename(&path, path.with_added_extension("new")).unwrap();
        }
        KeyFiles::open_or_make(&dir, false).unwrap_or_else(|err| panic!("{err}"));
        assert_eq!(opened(&dir), before);
    }
}
