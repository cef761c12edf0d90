//! The bytes of a snapshot as they were fixed: `golden/gate_snapshot.v1.hex`.

use std::fmt::Write;

use super::{snapshots::*, snapshots_doubted::*, story::*};

const GOLDEN: &str = include_str!("../../../golden/gate_snapshot.v1.hex");

/// Whoever changes the format counts its number up and adds a golden sample of the new one.
#[test]
fn the_golden_snapshot_is_written_to_the_same_bytes() {
    let hex = hex(&small());
    if std::env::var_os("UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/gate_snapshot.v1.hex");
        std::fs::write(path, &hex).unwrap();
        return;
    }
    assert_eq!(hex, GOLDEN);
}

#[test]
fn the_golden_snapshot_is_read_as_the_gate_that_it_was_made_of() {
    let digits: Vec<u8> = GOLDEN.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
    let (loaded, gate) = (gate_of(&bytes), small_gate());
    let secrets = [1, 2, 3].into();
    for now in [NOON, DUSK] {
        assert_eq!(all_answers(&loaded, &secrets, now), all_answers(&gate, &secrets, now));
    }
}

/// Thirty-two bytes a line.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(32) {
        for byte in line {
            write!(text, "{byte:02x}").unwrap();
        }
        text.push('\n');
    }
    text
}
