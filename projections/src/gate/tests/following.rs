//! The gate behind a ledger.

use eventlog::Position;

use super::{scene::Scene, story::*};
use crate::gate::{Code, ReachError};

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
