use std::os::unix::fs::PermissionsExt;

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn the_first_start_makes_a_private_folder() {
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("deep/data");
    let folder = DataFolder::lock(&root).unwrap();
    for made in [&root, &folder.layout().views(), &folder.layout().usage()] {
        assert_eq!(mode(made), 0o700, "{}", made.display());
    }
    assert_eq!(mode(&root.join("lock")), 0o600);
}

#[test]
fn a_second_lock_is_refused_with_the_process_and_what_to_do() {
    let root = tempfile::tempdir().unwrap();
    let first = DataFolder::lock(root.path()).unwrap();
    let text = DataFolder::lock(root.path()).unwrap_err().to_string();
    let expected = format!(
        "the data folder `{}` is served by process {}: stop that process or choose another \
         folder with --data",
        root.path().display(),
        std::process::id()
    );
    assert_eq!(text, expected);
    drop(first);
    DataFolder::lock(root.path()).unwrap();
}

#[test]
fn the_number_of_a_dead_process_stops_nobody() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("lock"), "4194304000\nmore").unwrap();
    let folder = DataFolder::lock(root.path()).unwrap();
    let text = fs::read_to_string(folder.layout().lock()).unwrap();
    assert_eq!(text, format!("{}\n", std::process::id()));
}

#[test]
fn a_folder_that_others_may_write_to_is_refused_with_the_remedy() {
    let root = tempfile::tempdir().unwrap();
    for mode in [0o777, 0o775, 0o702] {
        fs::set_permissions(root.path(), fs::Permissions::from_mode(mode)).unwrap();
        let text = DataFolder::lock(root.path()).unwrap_err().to_string();
        assert!(text.contains("chmod go-w"), "{mode:o}: {text}");
    }
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    DataFolder::lock(root.path()).unwrap();
}

#[test]
fn the_parents_that_do_not_exist_yet_are_known_before_they_are_made() {
    let parent = tempfile::tempdir().unwrap();
    let there = parent.path();
    let expected = [there.join("a/b/c"), there.join("a/b"), there.join("a")];
    assert_eq!(lacking(&there.join("a/b/c")).unwrap(), expected.each_ref().map(PathBuf::as_path));
    assert!(lacking(there).unwrap().is_empty());
    assert_eq!(lacking(Path::new("nowhere/here")).unwrap(), ["nowhere/here", "nowhere"].map(Path::new));
    assert_eq!(parent_of(Path::new("nowhere")), Path::new("."));
}

#[test]
fn a_state_without_a_byte_is_none() {
    let root = tempfile::tempdir().unwrap();
    let layout = Layout::of(root.path());
    assert!(!layout.state_exists().unwrap());
    fs::write(layout.state(), "").unwrap();
    assert!(!layout.state_exists().unwrap());
    fs::write(layout.state(), "x").unwrap();
    assert!(layout.state_exists().unwrap());
}

#[test]
fn readers_need_a_ledger_and_no_lock() {
    let root = tempfile::tempdir().unwrap();
    let _served = DataFolder::lock(root.path()).unwrap();
    let text = Layout::to_read(root.path()).unwrap_err().to_string();
    assert!(text.contains("holds no ledger"), "{text}");
    fs::write(root.path().join("ledger.db"), "").unwrap();
    assert_eq!(Layout::to_read(root.path()).unwrap().root(), root.path());
}
