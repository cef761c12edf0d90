//! The binary's words and exit codes, from outside.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::process::{Command, Output};

use tempfile::TempDir;

fn counterfoil(words: &[&str], folder: &TempDir) -> Output {
    Command::new(env!("CARGO_BIN_EXE_counterfoil")).args(words).current_dir(folder.path()).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn wrong_words_exit_with_2_and_say_which() {
    let folder = TempDir::new().unwrap();
    for wrong in [&["nonsense"][..], &[], &["serve", "--port", "1"], &["audit", "replay", "--target"]] {
        let output = counterfoil(wrong, &folder);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        let said = words(&output);
        assert!(said.contains("Usage") || said.contains("--help"), "{wrong:?}: {said}");
    }
}

#[test]
fn a_folder_without_a_ledger_cannot_be_replayed() {
    let folder = TempDir::new().unwrap();
    let output = counterfoil(&["audit", "replay", "--data", "nowhere"], &folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("`nowhere` holds no ledger"), "{}", words(&output));
}

#[test]
fn a_key_that_is_none_is_refused_with_its_line() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("c.toml"), "[server]\nlisten = \"127.0.0.1:0\"\nport = 1\n").unwrap();
    let output = counterfoil(&["config", "check", "--config", "c.toml"], &folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("c.toml:3"), "{}", words(&output));
}

#[test]
fn the_effective_configuration_names_each_value_s_source() {
    let folder = TempDir::new().unwrap();
    let output = counterfoil(&["config", "check", "--data", "here"], &folder);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("data = \"here\" # --data") && text.contains("# default"), "{text}");
}
