//! A gate that was loaded from a snapshot is the gate that has read the whole ledger.

use std::{collections::BTreeSet, io::Cursor, sync::Arc};

use domain::{
    fact::Fact,
    stream::StreamId,
    subject::{self, Reason, Subject},
    time::Timestamp,
};
use proptest::{collection::vec, prelude::*, sample::Index};
use schemas::sealing::{DataKey, KeySet, Randomness, RandomnessError};

use super::{story::*, world::*};
use crate::gate::{AskedEndpoint, Asker, Doubt, Frozen, Gate, Loaded, Question, Seal, Snapshot, SnapshotKey};

pub(super) const PROGRAM: &str = "1.2.3";
pub(super) const INCARNATION: u32 = 7;

/// Dice that always fall the same.
pub(super) struct Sevens;

impl Randomness for Sevens {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.fill(7);
        Ok(())
    }
}

pub(super) fn key() -> SnapshotKey {
    SnapshotKey::derived_from(&[5; 32])
}

/// The data keys of subjects: one for each, made of its name.
pub(super) fn keys(subjects: &[String]) -> KeySet {
    let key = |subject: &String| {
        let mut bytes = [9; 32];
        bytes.iter_mut().zip(subject.bytes()).for_each(|(place, byte)| *place = byte);
        (Arc::from(subject.as_str()), Arc::new(DataKey::new(bytes)))
    };
    subjects.iter().map(key).collect()
}

pub(super) fn written(frozen: &Frozen) -> Vec<u8> {
    let (key, keys) = (key(), keys(&frozen.subjects()));
    let seal = Seal { incarnation: INCARNATION, key: &key, keys: &keys, randomness: &Sevens };
    let mut bytes = Vec::new();
    let count = frozen.write_to(&mut bytes, PROGRAM, &seal).unwrap();
    assert_eq!(count, bytes.len() as u64);
    bytes
}

pub(super) fn load(bytes: &[u8]) -> Result<Loaded, Doubt> {
    let snapshot = Snapshot::begin(Cursor::new(bytes), bytes.len() as u64, PROGRAM, &key())?;
    snapshot.load(new_gate().peppers(), |subjects| Ok(keys(subjects)))
}

pub(super) fn gate_of(bytes: &[u8]) -> Gate {
    let gate = new_gate();
    gate.adopt(load(bytes).unwrap_or_else(|err| panic!("{err}")));
    gate
}

/// The answers to all questions that there are about a world.
pub(super) fn all_answers(gate: &Gate, secrets: &BTreeSet<u8>, now: Timestamp) -> Vec<String> {
    let mut answers = vec![format!("{:?} {:?}", gate.position(), gate.log_time())];
    let askers = ORGANIZATIONS.map(Asker::Organization).into_iter().chain([Asker::Platform]);
    let endpoint = Some(AskedEndpoint { method: "GET", path: "/site/7" });
    let asked = [
        (names(&[]), endpoint),
        (names(&["tokens:read", "site:read"]), None),
        (names(&["agents:read"]), None),
    ];
    for (secret, asker) in secrets.iter().flat_map(|it| askers.clone().map(move |asker| (it, asker))) {
        let text = text(*secret);
        for (permissions, endpoint) in &asked {
            let question = Question { token: &text, asker, permissions, endpoint: *endpoint };
            answers.push(format!("{:?}", gate.decide(&question, now).unwrap()));
        }
    }
    for secret in secrets {
        let caller = caller(gate, &text(*secret), now);
        answers.push(match caller {
            Ok(it) => format!("{:?} {:?} {:?} {:?}", it.token, it.role, it.effective(), it.power()),
            Err(refusal) => format!("{refusal:?}"),
        });
    }
    for organization in ORGANIZATIONS {
        answers.push(format!("{:?} {}", gate.organization(organization), gate.count_tokens(organization)));
    }
    answers.extend(gate.catalogue().entries().iter().map(|it| format!("{it:?}")));
    let mut unfinished = gate.registrations_without_owner();
    unfinished.sort();
    answers.push(format!("{unfinished:?} {:?}", gate.erased_subjects(0)));
    answers
}

proptest! {
    #[test]
    fn a_gate_loaded_at_any_position_and_caught_up_answers_all_questions_as_one_that_read_everything(
        steps in vec(any_step(), 0..40),
        erased in vec((any::<bool>(), 0_usize..3), 0..4),
        cut: Index,
        later in 0_i64..100,
    ) {
        let mut world = World::after(&steps);
        for (is_member, number) in erased {
            let member = Subject::Member(member(number * 4));
            let subject = if is_member { member } else { Subject::Organization(ORGANIZATIONS[number]) };
            let fact = Fact::Subject(subject::Event::Erased { reason: Reason::Requested });
            world.story = world.story.then(StreamId::Subject(subject), None, NOON, fact);
        }
        let events = &world.story.events;
        let cut = cut.index(events.len() + 1);
        let secrets: BTreeSet<u8> = world.secrets.iter().map(|it| it.0).collect();
        let now = world.now.plus(domain::time::Lifespan::hours(later));

        let gate = new_gate();
        gate.apply(&events[..cut]).unwrap();
        let then = all_answers(&gate, &secrets, now);
        // What happens after the moment is not in the snapshot, however late it is written.
        let frozen = gate.freeze().unwrap();
        gate.apply(events).unwrap();
        let bytes = written(&frozen);

        let loaded = gate_of(&bytes);
        prop_assert_eq!(all_answers(&loaded, &secrets, now), then);
        prop_assert_eq!(&written(&loaded.freeze().unwrap()), &bytes, "and is written down as before");
        loaded.apply(events).unwrap();
        let whole = all_answers(&world.story.gate(), &secrets, now);
        prop_assert_eq!(all_answers(&loaded, &secrets, now), whole.clone());
        prop_assert_eq!(all_answers(&gate, &secrets, now), whole);
    }
}

#[test]
fn operators_tokens_that_a_reset_would_void_are_known_after_loading() {
    let mut issuance = issuance(1, &["platform:*"]);
    issuance.holder = domain::actor::Holder::Operator;
    issuance.kind = domain::secret::Kind::Ops;
    issuance.secret = secret_under(&pepper("k1"), issuance.kind, 1);
    let event = domain::token::Event::Issued(Box::new(issuance));
    let story = Story::of_two().token(CI, None, event);
    let text = text_of(domain::secret::Kind::Ops, 1);
    let loaded = gate_of(&written(&story.gate().freeze().unwrap()));
    assert!(loaded.is_live(&text, NOON));
    loaded.apply(&story.operators_reset().events).unwrap();
    assert!(!loaded.is_live(&text, NOON));
}

#[test]
fn a_damaged_gate_is_not_written_down() {
    let gate = new_gate();
    let story = Story::of_two().revoked(CI);
    assert!(gate.apply(&story.events).is_err());
    assert!(gate.freeze().is_none());
}
