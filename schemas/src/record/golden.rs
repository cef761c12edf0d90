//! What was stored once must be read for ever: samples of every kind and version, byte by byte.

use super::{Sealed, encode, samples, subjects};
use crate::events::{KINDS, kind_of};
use domain::{fact::Fact, permission::Permission, platform};
use std::{fs, path::PathBuf};

fn golden(kind: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", "events", &format!("{kind}.json")].iter().collect()
}

fn schema(kind: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "events", &format!("{kind}.json")].iter().collect()
}

/// `UPDATE=1` writes what is not there yet; what is there is never rewritten.
fn read_or_write(path: &PathBuf, fresh: &[u8]) -> Vec<u8> {
    if !path.exists() && std::env::var("UPDATE").is_ok() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, fresh).unwrap();
    }
    fs::read(path).unwrap_or_else(|err| panic!("{}: {err}; UPDATE=1 cargo test writes it", path.display()))
}

#[test]
fn a_sample_of_each_kind_is_encoded_to_the_same_bytes_and_read_again() {
    for (kind, sample) in samples::samples() {
        let keys = samples::keys(&subjects(&sample));
        let fresh = encode(&sample, &keys, &samples::Counting::default()).unwrap();
        let stored = read_or_write(&golden(kind), &fresh);
        assert_eq!(String::from_utf8(stored.clone()), String::from_utf8(fresh), "{kind}");
        let sealed = Sealed::parse(&stored).unwrap();
        assert_eq!(sealed.kind(), kind);
        assert_eq!(sealed.open(&keys).unwrap(), sample, "{kind}");
    }
}

#[test]
fn every_kind_and_version_ever_written_has_a_sample() {
    for kind in KINDS {
        let bytes = fs::read(golden(kind.name)).unwrap();
        let sealed = Sealed::parse(&bytes).unwrap();
        let subjects: Vec<String> = sealed.subjects().map(str::to_owned).collect();
        assert!(sealed.open(&samples::keys(&subjects)).is_ok(), "{}", kind.name);
    }
    assert_eq!(fs::read_dir(golden("x").parent().unwrap()).unwrap().count(), KINDS.len());
}

#[test]
fn the_first_version_of_a_permission_is_read_by_way_of_the_second() {
    let bytes = fs::read(golden("permission.registered.v1")).unwrap();
    let recorded = Sealed::parse(&bytes).unwrap().open(&samples::keys(&["operator".to_owned()])).unwrap();
    let meant = Permission { implies: vec![], ..samples::invoices() };
    assert_eq!(recorded.fact, Fact::Platform(platform::Event::PermissionRegistered(meant)));
}

#[test]
fn committed_schemas_are_those_of_the_code_and_fit_the_samples() {
    for kind in KINDS {
        let fresh = serde_json::to_string_pretty(&kind.schema()).unwrap() + "\n";
        let stored = read_or_write(&schema(kind.name), fresh.as_bytes());
        assert_eq!(String::from_utf8(stored).unwrap(), fresh, "{}", kind.name);
        let bytes = fs::read(golden(kind.name)).unwrap();
        let data = serde_json::from_str(Sealed::parse(&bytes).unwrap().data()).unwrap();
        let schema = serde_json::from_str(&fresh).unwrap();
        assert!(jsonschema::is_valid(&schema, &data), "{}", kind.name);
    }
    assert_eq!(fs::read_dir(schema("x").parent().unwrap()).unwrap().count(), KINDS.len());
}

#[test]
fn kinds_that_nobody_wrote_are_none() {
    assert!(kind_of("token.issued.v1").is_some_and(|it| it.written));
    assert!(kind_of("token.issued.v9").is_none());
}
