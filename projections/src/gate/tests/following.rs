//! The gate behind a ledger.

use std::sync::Arc;

use eventlog::{Append, EventLog, MemoryLog, NewRecord, Position, StreamName, Version};
use schemas::{
    record::{encode, subjects},
    sealing::{Keyring, MasterKey, MasterKeys, MemoryShelf, OsRandomness},
};

use super::story::*;
use crate::{
    feed::Feed,
    gate::{Code, GateFollower, ReachError},
};

/// A ledger, and a follower of it.
struct Scene {
    log: Arc<MemoryLog>,
    keyring: Arc<Keyring>,
    follower: Arc<GateFollower>,
}

impl Scene {
    fn new() -> Self {
        let log = Arc::new(MemoryLog::default());
        let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
        let keyring = Keyring::new(Arc::new(MemoryShelf::default()), masters, Arc::new(OsRandomness), 100);
        let keyring = Arc::new(keyring);
        let feed = Arc::new(Feed::new(log.clone(), keyring.clone()));
        let follower = Arc::new(GateFollower::new(Arc::new(new_gate()), feed));
        Self { log, keyring, follower }
    }

    async fn append(&self, story: &Story, from: usize) {
        for event in &story.events[from..] {
            let recorded = &event.recorded;
            let keys = self.keyring.keys_for_sealing(&subjects(recorded)).await.unwrap();
            let bytes = encode(recorded, &keys, &OsRandomness).unwrap().into();
            let record = NewRecord { event_id: recorded.id.bits().to_be_bytes(), bytes };
            let (stream, expected) = (StreamName::new(recorded.stream.to_string()), Version(0));
            self.log.append(Append { stream, expected, records: vec![record] }).await.unwrap();
        }
    }
}

/// One fact for each stream, so that each is its first.
fn story() -> Story {
    Story::of_two().issued(CI, issuance(1, &["*"])).issued(OTHER, issuance(2, &["*"]))
}

#[tokio::test]
async fn a_position_is_reached_by_whoever_asks_and_all_who_wait() {
    let (scene, story) = (Scene::new(), story());
    scene.append(&story, 0).await;
    let callers: Vec<_> = (1..=story.position().0)
        .map(|position| {
            let follower = scene.follower.clone();
            tokio::spawn(async move { follower.reach(Position(position)).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    let gate = scene.follower.gate();
    assert_eq!((gate.position(), code(gate, &text(1), NOON)), (story.position(), Code::Valid));
}

#[tokio::test]
async fn a_position_beyond_the_head_is_an_error() {
    let (scene, story) = (Scene::new(), story());
    scene.append(&story, 0).await;
    let outcome = scene.follower.reach(story.position().next()).await;
    assert!(matches!(outcome, Err(ReachError::BeyondHead { head, .. }) if head == story.position()));
    assert_eq!(scene.follower.gate().position(), story.position());
}

#[tokio::test]
async fn the_follower_is_woken_by_the_head() {
    let (scene, story) = (Scene::new(), story());
    let telling = async {
        scene.append(&story, 0).await;
        while scene.follower.gate().position() < story.position() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcome = scene.follower.follow() => panic!("following ended: {outcome:?}"),
        () = telling => {}
    }
    assert_eq!(code(scene.follower.gate(), &text(2), NOON), Code::Valid);
}

#[tokio::test]
async fn a_gate_that_is_damaged_is_not_brought_on() {
    let scene = Scene::new();
    scene
        .append(&Story::of_two().member(domain::ids::OrganizationId::from_bits(9), member(), "viewer"), 0)
        .await;
    assert!(matches!(scene.follower.catch_up().await, Err(ReachError::Apply(_))));
    assert!(matches!(scene.follower.reach(Position(6)).await, Err(ReachError::Apply(_))));
}

fn member() -> domain::ids::MemberId {
    domain::ids::MemberId::from_bits(77)
}
