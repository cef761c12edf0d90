//! Snapshots that must not be used.

use std::{fs, io::Cursor};

use eventlog::{Leaf, Position};
use proptest::prelude::*;
use schemas::sealing::KeySet;

use super::{snapshots::*, story::*};
use crate::gate::{Doubt, Gate, Peppers, Seal, Snapshot, SnapshotKey};

/// A snapshot with one thing of each kind in it, and long lists.
pub(super) fn small() -> Vec<u8> {
    written(&small_gate().freeze().unwrap())
}

pub(super) fn small_gate() -> Gate {
    let registered = Story::of_two().permission("site:read", &["GET /site/**"], &["viewer", "owner"]);
    let mut named = issuance(1, &["*", "site:read"]);
    named.starts_at = Some(NOON);
    named.expires_at = Some(DUSK);
    named.texts = domain::erasable::Erasable::Known(domain::token::Texts {
        name: "a name that fills more than its row".to_owned(),
        metadata: [("team".to_owned(), "blue".to_owned())].into(),
        external_id: Some("42".to_owned()),
        ..domain::token::Texts::default()
    });
    let mut erased = issuance(3, &["tokens:read"]);
    erased.texts = domain::erasable::Erasable::Erased;
    let story = registered.issued(CI, named).rotated(CI, 1, 2, DUSK).issued(OTHER, erased);
    let erased = domain::subject::Subject::Member(BOB);
    let event = domain::subject::Event::Erased { reason: domain::subject::Reason::Requested };
    let fact = domain::fact::Fact::Subject(event);
    let story = story.then(domain::stream::StreamId::Subject(erased), Some(ACME), NOON, fact);
    let unfinished = domain::ids::OrganizationId::from_bits(0xFF);
    story.registered(unfinished, domain::ids::MemberId::from_bits(0xFE)).revoked(OTHER).gate()
}

fn doubt(bytes: &[u8]) -> String {
    load(bytes).map(drop).unwrap_err().to_string()
}

#[test]
fn a_flipped_bit_in_any_byte_is_noticed() {
    let whole = small();
    load(&whole).map(drop).unwrap();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(load(&flipped).is_err(), "byte {at}");
    }
}

#[test]
fn a_cut_anywhere_and_a_byte_too_many_are_noticed() {
    let whole = small();
    for length in (0..whole.len()).step_by(3) {
        assert!(load(&whole[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(doubt(&[&whole[..], b"x"].concat()), "its end cannot be read");
}

proptest! {
    #[test]
    fn bytes_that_somebody_with_the_key_has_changed_never_stop_the_program(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        use hmac::Mac;
        let mut bytes = small();
        let end = bytes.len() - 32;
        for (at, byte) in changes {
            bytes[at.index(end)] = byte;
        }
        let mut tag = key().tag();
        tag.update(&bytes[..end]);
        bytes.splice(end.., tag.finalize().into_bytes());
        // Nothing is known of what it says, only that nobody falls over it.
        let _ = load(&bytes);
    }
}

#[test]
fn a_snapshot_of_another_ledger_program_or_key_says_why_it_is_not_used() {
    let bytes = small();
    let begin = |program: &str, key: &SnapshotKey| {
        Snapshot::begin(Cursor::new(&bytes[..]), bytes.len() as u64, program, key)
    };
    let said = |outcome: Result<(), Doubt>| outcome.unwrap_err().to_string();
    let snapshot = begin(PROGRAM, &key()).unwrap_or_else(|err| panic!("{err}"));
    let (at, leaf) = (snapshot.position(), Some(Leaf([0; 32])));
    assert_eq!(snapshot.check(INCARNATION, at, leaf).map_err(|it| it.to_string()), Ok(()));
    let other = said(snapshot.check(INCARNATION + 1, at, leaf));
    assert_eq!(other, "it belongs to incarnation 7 of the ledger, not to 8");
    let beyond = said(snapshot.check(INCARNATION, Position(at.0 - 1), leaf));
    assert_eq!(beyond, "it stands at position 12, but the ledger ends at 11");
    let record = said(snapshot.check(INCARNATION, at, Some(Leaf([1; 32]))));
    assert_eq!(record, "the ledger holds another record at its position 12");
    assert_eq!(said(begin("1.2.4", &key()).map(drop)), "version 1.2.3 of the program wrote it");
    let forged = begin(PROGRAM, &SnapshotKey::derived_from(&[6; 32])).unwrap_or_else(|err| panic!("{err}"));
    let forged = forged.load(new_gate().peppers(), |it| Ok(keys(it))).map(drop);
    assert_eq!(said(forged), "its tag does not fit: it was changed, or written under other keys");
    let mut other = bytes.clone();
    other[5] = 9;
    assert_eq!(doubt(&other), "it is of another format");
}

#[test]
fn digests_whose_pepper_is_gone_are_a_doubt() {
    let bytes = small();
    let begun = Snapshot::begin(Cursor::new(&bytes[..]), bytes.len() as u64, PROGRAM, &key());
    let begun = begun.unwrap_or_else(|err| panic!("{err}"));
    let peppers = Peppers::new(pepper("k2"), []);
    let gone = begun.load(&peppers, |it| Ok(keys(it))).map(drop).unwrap_err();
    assert_eq!(gone.to_string(), "the pepper `k1` is not among the keys");
}

#[test]
fn texts_whose_key_is_erased_are_erased_from_a_snapshot_that_was_written_before() {
    let bytes = small();
    let begun = Snapshot::begin(Cursor::new(&bytes[..]), bytes.len() as u64, PROGRAM, &key());
    let begun = begun.unwrap_or_else(|err| panic!("{err}"));
    let gate = new_gate();
    gate.adopt(begun.load(gate.peppers(), |_| Ok(KeySet::default())).unwrap_or_else(|err| panic!("{err}")));
    let text = text(2);
    let subject = ask(&gate, &text, &[]).subject.unwrap();
    assert_eq!((subject.name, subject.metadata, subject.external_id), (None, None, None));
}

#[test]
fn no_text_of_a_caller_lies_in_it_in_clear() {
    let bytes = small();
    for text in ["a name that", "team", "blue", "42"] {
        assert!(!bytes.windows(text.len()).any(|it| it == text.as_bytes()), "{text}");
    }
}

#[test]
fn texts_whose_key_is_gone_when_it_is_written_are_left_out() {
    let frozen = small_gate().freeze().unwrap();
    let (key, none) = (key(), KeySet::default());
    let mut bytes = Vec::new();
    let seal = Seal { incarnation: INCARNATION, key: &key, keys: &none, randomness: &Sevens };
    frozen.write_to(&mut bytes, PROGRAM, &seal).unwrap();
    let gate = gate_of(&bytes);
    let text = text(2);
    let subject = ask(&gate, &text, &[]).subject.unwrap();
    assert_eq!((subject.name, subject.metadata, subject.external_id), (None, None, None));
}

#[test]
fn a_snapshot_takes_the_place_of_the_one_before_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.snapshot");
    let key = key();
    let open = || Snapshot::open(&path, &key);
    assert!(matches!(open().map(drop), Err(Doubt::Missing)));
    fs::write(path.with_added_extension("new"), "half a snapshot").unwrap();
    for story in [Story::of_two(), Story::of_two().issued(CI, issuance(1, &["*"]))] {
        let frozen = story.gate().freeze().unwrap();
        let keys = keys(&frozen.subjects());
        let seal = Seal { incarnation: INCARNATION, key: &key, keys: &keys, randomness: &Sevens };
        let written = frozen.write(&path, &seal).unwrap();
        assert_eq!(written.position, story.position());
        let snapshot = open().unwrap_or_else(|err| panic!("{err}"));
        assert_eq!((snapshot.position(), snapshot.bytes()), (written.position, written.bytes));
        snapshot.check(INCARNATION, written.position, Some(Leaf([0; 32]))).unwrap();
        let loaded = snapshot.load(new_gate().peppers(), |it| Ok(super::snapshots::keys(it)));
        loaded.map(drop).unwrap();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_snapshot_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    // A folder stands where the file would be put.
    let path = folder.path().join("gate.snapshot");
    fs::create_dir_all(path.join("occupied")).unwrap();
    let frozen = Story::of_two().gate().freeze().unwrap();
    let (key, none) = (key(), KeySet::default());
    let seal = Seal { incarnation: INCARNATION, key: &key, keys: &none, randomness: &Sevens };
    let err = frozen.write(&path, &seal).unwrap_err();
    assert!(err.to_string().contains("gate.snapshot"), "{err}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
