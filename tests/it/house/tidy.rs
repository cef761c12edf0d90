//! What every file is held to.

use super::tree::{CRATES, SourceFile, files, hold, root, text};

/// More lines than this, without tests, are usually two thoughts.
const MOST_LINES: usize = 400;

/// Names that say nothing about what lies inside, so that everything ends up there.
const SHAPELESS: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "manager"];

/// Written in two halves, so that this file does not break its own rules.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const SWITCH_OFF: [&str; 2] = [concat!("[al", "low("), concat!(", al", "low(")];
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tm", "p/"), concat!("/ho", "me/")];

fn rust() -> Vec<SourceFile> {
    files(&[".rs"])
}

/// The places of the lines for which `breaks` holds.
fn places(files: &[SourceFile], breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    for file in files {
        let lines = file.text.lines().enumerate();
        let broken = lines.filter(|(_, line)| breaks(line));
        places.extend(broken.map(|(at, line)| format!("{}:{}: {}", file.path, at + 1, line.trim())));
    }
    places
}

#[test]
fn what_is_left_to_do_has_an_issue() {
    let unbound = |line: &str| {
        let mut words = line.split(|it: char| !it.is_ascii_alphanumeric() && !"(#)".contains(it));
        // `MARK(#12)` names its issue; a bare mark is forgotten as soon as it is written.
        words.any(|word| MARKS.contains(&word.trim_end_matches(['(', ')'])))
    };
    hold("name the issue, as in MARK(#12), or do it:", &places(&rust(), unbound));
}

#[test]
fn file_names_say_what_lies_inside() {
    let mut broken = Vec::new();
    for file in rust() {
        let mut parts = file.path.split('/').map(|it| it.trim_end_matches(".rs"));
        if parts.any(|it| SHAPELESS.contains(&it)) {
            broken.push(file.path);
        }
    }
    hold("name the file after the noun it is about:", &broken);
}

#[test]
fn every_crate_opens_with_what_it_is() {
    let mut broken = Vec::new();
    for name in CRATES {
        let path = match name {
            "tests" => "tests/it/main.rs".to_owned(),
            _ => format!("{name}/src/lib.rs"),
        };
        let opening = text(&path).unwrap_or_default();
        if !opening.starts_with("//! ") {
            broken.push(path);
        }
    }
    hold("open with `//!`: what the crate is, and what it does not know:", &broken);
}

#[test]
fn no_file_is_two() {
    let mut broken = Vec::new();
    for file in rust().iter().filter(|it| !it.path.starts_with("tests/")) {
        let lines = file.lines_without_tests().count();
        if MOST_LINES < lines && file.name() != "tests.rs" {
            broken.push(format!("{}: {lines} lines without tests", file.path));
        }
    }
    hold("cut the file where the second thought begins:", &broken);
}

#[test]
fn no_lint_is_switched_off_without_a_reason() {
    let switches = |line: &str| {
        let attribute = line.trim_start().starts_with('#');
        attribute && SWITCH_OFF.iter().any(|it| line.contains(it))
    };
    hold("say `expect` with a reason: it tells when it is no longer needed:", &places(&rust(), switches));
}

#[test]
fn nothing_depends_on_the_machine_it_was_written_on() {
    let written = files(&[".rs", ".toml", ".md", ".txt", ".json", ".sql", ".sh", "Makefile", "run", "setup"]);
    let names_one = |line: &str| {
        MACHINE_PATHS.iter().any(|path| {
            // `./tmp/` or `example.org/work/` is a path of something else.
            line.match_indices(path).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|it| !it.is_alphanumeric() && !"./-_*}".contains(it))
            })
        })
    };
    hold("make it relative, or a temporary folder of the test's own:", &places(&written, names_one));
}

#[test]
fn a_new_event_cannot_be_folded_by_accident() {
    let mut broken = Vec::new();
    for file in rust().iter().filter(|it| it.name() == "evolve.rs") {
        for (at, line) in file.lines_without_tests() {
            let line = line.trim_start();
            let arm = ["_ =>", "_ if ", "(_, _) =>", "(_, _) if "];
            if arm.iter().any(|it| line.starts_with(it)) {
                broken.push(format!("{}:{at}: {line}", file.path));
            }
        }
    }
    hold("name every event, so that a new one does not compile here:", &broken);
}

#[test]
fn the_domains_lints_are_those_of_the_root_and_more() {
    let table = |path: &str| text(path).unwrap().parse::<toml::Table>().unwrap();
    let domain = table("domain/clippy.toml");
    for (key, value) in table("clippy.toml") {
        assert_eq!(
            domain.get(&key),
            Some(&value),
            "domain/clippy.toml replaces the root's and must repeat `{key}`"
        );
    }
    for list in ["disallowed-methods", "disallowed-types"] {
        for entry in domain[list].as_array().unwrap() {
            let reason = entry.get("reason").and_then(toml::Value::as_str);
            assert!(reason.is_some_and(|it| !it.is_empty()), "{entry}: say what to do instead");
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_house() {
    let mut broken = Vec::new();
    for name in CRATES {
        let path = format!("{name}/Cargo.toml");
        let manifest: toml::Table = text(&path).unwrap().parse().unwrap();
        let shared = manifest.get("lints").and_then(|it| it.get("workspace"));
        if shared.and_then(toml::Value::as_bool) != Some(true) {
            broken.push(path);
        }
    }
    hold("add `[lints] workspace = true`:", &broken);
}

#[test]
fn ci_runs_what_contributors_run() {
    let run = text(".ci/run").unwrap();
    assert!(run.contains("make test"), "CI knows nothing that `make test` does not");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&root().join(".ci/run").metadata().unwrap().permissions());
    assert_ne!(mode & 0o111, 0, ".ci/run is not executable");
}
