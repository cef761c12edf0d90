//! Stored bytes that must open for ever: `golden/boxes/*.json`.

use serde_json::Value;

use super::{DataKey, MasterKey, open, seal};

fn vectors(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    let hex = text(vector, field);
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn array<const N: usize>(vector: &Value, field: &str) -> [u8; N] {
    bytes(vector, field).try_into().unwrap()
}

#[test]
fn golden_boxes_open_and_are_sealed_to_the_same_bytes() {
    for vector in vectors(include_str!("../../golden/boxes/box.v1.json")) {
        let key = DataKey::new(array(&vector, "key"));
        let (subject, event) = (text(&vector, "subject"), array(&vector, "event_id"));
        let (plain, sealed) = (bytes(&vector, "plaintext"), bytes(&vector, "box"));
        assert_eq!(open(&key, subject, &event, &sealed).unwrap(), plain);
        assert_eq!(seal(&key, subject, &event, &plain, array(&vector, "nonce")), sealed);
    }
}

#[test]
fn golden_wrapped_keys_unwrap_and_are_wrapped_to_the_same_bytes() {
    for vector in vectors(include_str!("../../golden/boxes/wrapped_key.v1.json")) {
        let id = u32::try_from(vector["master_id"].as_u64().unwrap()).unwrap();
        let master = MasterKey::new(id, array(&vector, "master"));
        let (subject, wrapped) = (text(&vector, "subject"), bytes(&vector, "wrapped"));
        let key = master.unwrap_key(subject, &wrapped).unwrap();
        assert_eq!(key.bytes(), &array(&vector, "key"));
        assert_eq!(master.wrap(subject, &key, array(&vector, "nonce")), wrapped);
    }
}
