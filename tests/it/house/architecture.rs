//! Which crate may know which: the arrows of `docs/adr/0003-crates-and-arrows.md`.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::tree::{CRATES, hold, text};

/// What each crate may know of ours. A crate that is missing here may not be.
const ARROWS: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("eventlog", &[]),
    ("store", &[]),
    ("schemas", &["domain"]),
    ("commands", &["domain", "schemas", "eventlog", "store"]),
    ("projections", &["domain", "schemas", "eventlog", "store"]),
    ("workers", &["domain", "schemas", "eventlog", "store", "commands", "projections"]),
    ("api", &["domain", "schemas", "commands", "projections"]),
    ("server", &["domain", "schemas", "eventlog", "store", "commands", "projections", "workers", "api"]),
    (
        "tests",
        &["domain", "schemas", "eventlog", "store", "commands", "projections", "workers", "api", "server"],
    ),
];

/// Libraries that only these crates may name, with the reason.
const HELD: [(&str, &[&str], &str); 8] = [
    ("rusqlite", &["eventlog", "store", "server", "tests"], "engines hide behind ports"),
    ("axum", &["api", "server"], "HTTP is parsed and rendered in one place"),
    ("hyper", &["api", "server", "tests"], "HTTP is parsed and rendered in one place"),
    ("hyper-util", &["api", "server", "tests"], "HTTP is parsed and rendered in one place"),
    ("clap", &["server"], "the command line is the binary's"),
    ("toml", &["server", "tests"], "configuration is the binary's"),
    ("tracing-subscriber", &["server"], "where logs go is the binary's choice"),
    ("anyhow", &["server"], "elsewhere an error is an enum that callers can match"),
];

/// What the domain may name: neither runtime nor clock, neither randomness nor engine.
const DOMAIN_MAY_NAME: [&str; 10] =
    ["serde", "jiff", "thiserror", "uuid", "crc32fast", "hmac", "sha2", "subtle", "zeroize", "proptest"];

/// Why an arrow is forbidden.
fn why_not(from: &str, to: &str) -> &'static str {
    match (from, to) {
        ("domain", _) => "the domain is what is true whatever the layers do: it knows nothing of ours",
        ("eventlog", _) => "the log carries bytes and knows no token",
        ("store", _) => "the store carries rows and knows no token",
        ("schemas", _) => "schemas say how domain types look outside, and nothing else",
        ("commands", "projections") => {
            "a view can never delay or refuse a command: commands fold the log, and what they need \
             from the gate is a trait of their own"
        }
        ("projections", "commands") => "no query changes anything: views only follow the logs",
        ("api", "eventlog" | "store") => {
            "HTTP holds no port: it calls commands and projections, and reads streams through \
             projections"
        }
        ("api", "workers") => "HTTP asks workers for nothing: a request to one is a command",
        (_, "api") => "only the server wires HTTP",
        (_, "server") => "the server knows everybody, so nobody may know the server",
        _ => "not an arrow of docs/adr/0003-crates-and-arrows.md: a new one is decided there",
    }
}

/// The names of all dependencies of a crate, whatever their kind and target.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let text = text(&format!("{folder}/Cargo.toml")).unwrap();
    let manifest: Table = text.parse().unwrap();
    let mut names = BTreeSet::new();
    gather(&manifest, &mut names);
    for target in tables(manifest.get("target")) {
        gather(target, &mut names);
    }
    names
}

fn gather(table: &Table, names: &mut BTreeSet<String>) {
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(Value::Table(listed)) = table.get(kind) else {
            continue;
        };
        names.extend(listed.iter().map(|(name, value)| real_name(name, value)));
    }
}

/// The folder of one of our packages, whatever it is called where it is used; else the name.
fn real_name(name: &str, value: &Value) -> String {
    let package = value.get("package").and_then(Value::as_str);
    let package = package.unwrap_or(name);
    package.strip_prefix("counterfoil-").unwrap_or(package).to_owned()
}

fn tables(value: Option<&Value>) -> impl Iterator<Item = &Table> {
    let all = value.and_then(Value::as_table).into_iter();
    all.flat_map(|it| it.values().filter_map(Value::as_table))
}

#[test]
fn every_crate_has_its_arrows_and_every_arrow_its_crate() {
    let manifest: Table = text("Cargo.toml").unwrap().parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let members: BTreeSet<_> = members.iter().filter_map(Value::as_str).collect();
    let drawn: BTreeSet<_> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, drawn, "a new crate is an architectural change: draw its arrows here");
    assert_eq!(drawn, CRATES.into_iter().collect());
}

#[test]
fn crates_know_only_what_the_arrows_allow() {
    let mut broken = Vec::new();
    for (from, allowed) in ARROWS {
        let ours = dependencies(from).into_iter().filter(|it| CRATES.contains(&it.as_str()));
        for to in ours.filter(|it| !allowed.contains(&it.as_str())) {
            broken.push(format!("{from} -> {to}: {}", why_not(from, &to)));
        }
    }
    hold("an arrow points the wrong way:", &broken);
}

#[test]
fn libraries_stay_in_the_crates_that_may_name_them() {
    let named: BTreeMap<_, _> = CRATES.map(|it| (it, dependencies(it))).into();
    let mut broken = Vec::new();
    for (library, allowed, why) in HELD {
        let using = named.iter().filter(|(_, all)| all.contains(library));
        for (name, _) in using.filter(|(name, _)| !allowed.contains(name)) {
            broken.push(format!("{name} names {library}: {why}"));
        }
    }
    hold("a library is named where it should not be:", &broken);
}

#[test]
fn the_domain_names_nothing_that_could_make_it_impure() {
    let others = dependencies("domain").into_iter();
    let broken: Vec<_> = others.filter(|it| !DOMAIN_MAY_NAME.contains(&it.as_str())).collect();
    hold("the domain is pure; is this library, too? Then list it here:", &broken);
}

#[test]
fn every_forbidden_arrow_has_a_reason() {
    for (from, allowed) in ARROWS {
        for to in CRATES.into_iter().filter(|it| *it != from && !allowed.contains(it)) {
            assert!(why_not(from, to).len() > 20, "{from} -> {to}");
        }
    }
}
