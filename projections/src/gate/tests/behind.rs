//! A gate that cannot follow its ledger answers no longer than it may.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::advance};

use super::{
    scene::{Mood, Scene},
    story::*,
};
use crate::gate::{Asker, Behind, Code, Gate, GateFollower, LEASE, Question, Unsound};

const A_MOMENT: Duration = Duration::from_millis(1);

/// A gate that knows all of a ledger, and a revocation that comes next.
async fn before_a_revocation() -> (Scene, Story, usize) {
    let scene = Scene::new();
    let story = Story::of_two().issued(CI, issuance(1, &["*"]));
    scene.append(&story, 0).await;
    scene.follower.catch_up().await.unwrap();
    let told = story.events.len();
    (scene, story.revoked(CI), told)
}

fn decided(gate: &Gate) -> Result<Code, Unsound> {
    let token = text(1);
    let question =
        Question { token: &token, asker: Asker::Organization(ACME), permissions: &[], endpoint: None };
    gate.decide(&question, NOON).map(|it| opened(it).code)
}

fn is_behind(gate: &Gate) -> bool {
    let caller = gate.authenticate(&text(1), NOON).map(drop);
    match decided(gate) {
        Err(unsound @ Unsound::Behind(Behind { lacking, .. })) => {
            assert!(LEASE < lacking);
            assert_eq!(gate.sound(), Err(unsound.clone()));
            assert_eq!(caller, Err(unsound));
            true
        }
        Err(Unsound::Damaged(damage)) => panic!("{damage}"),
        Ok(_) => {
            gate.sound().unwrap();
            false
        }
    }
}

/// Follows as a node does: what fails is tried again.
fn following(follower: &Arc<GateFollower>) -> JoinHandle<()> {
    let follower = Arc::clone(follower);
    tokio::spawn(async move {
        while follower.follow().await.is_err() {
            tokio::time::sleep(LEASE / 3).await;
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_revocation_that_cannot_be_read_ends_all_answers_until_it_can() {
    let (scene, story, told) = before_a_revocation().await;
    let gate = scene.follower.gate();
    scene.log.mood.send_replace(Mood::Refuses);
    scene.append(&story, told).await;
    scene.follower.reach(story.position()).await.unwrap_err();
    assert_eq!(decided(gate), Ok(Code::Valid), "within the lease");
    advance(LEASE).await;
    scene.follower.catch_up().await.unwrap_err();
    assert!(!is_behind(gate));
    advance(A_MOMENT).await;
    assert!(is_behind(gate), "trying again gives no more time");
    scene.log.mood.send_replace(Mood::Well);
    scene.follower.catch_up().await.unwrap();
    assert_eq!(decided(gate), Ok(Code::Revoked));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_does_not_end_ends_all_answers_until_it_does() {
    let (scene, story, told) = before_a_revocation().await;
    let gate = scene.follower.gate();
    scene.log.mood.send_replace(Mood::Silent);
    let following = following(&scene.follower);
    tokio::time::sleep(2 * LEASE).await;
    assert!(!is_behind(gate), "there is nothing that it lacks");
    scene.append(&story, told).await;
    tokio::time::sleep(LEASE).await;
    assert!(!is_behind(gate));
    tokio::time::sleep(A_MOMENT).await;
    assert!(is_behind(gate));
    scene.log.mood.send_replace(Mood::Well);
    scene.follower.reach(story.position()).await.unwrap();
    assert_eq!(decided(gate), Ok(Code::Revoked));
    following.abort();
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_while_it_waits_leaves_no_gate_behind_for_ever() {
    let (scene, story, told) = before_a_revocation().await;
    let gate = scene.follower.gate();
    scene.log.mood.send_replace(Mood::Silent);
    let following = following(&scene.follower);
    scene.append(&story, told).await;
    let waited = tokio::time::timeout(2 * LEASE, scene.follower.reach(story.position())).await;
    assert!(waited.is_err() && is_behind(gate));
    scene.log.mood.send_replace(Mood::Well);
    tokio::time::sleep(LEASE).await;
    assert_eq!(decided(gate), Ok(Code::Revoked));
    following.abort();
}

#[tokio::test(start_paused = true)]
async fn a_burst_that_keeps_the_gate_behind_its_head_ends_no_answer() {
    let (scene, mut story, _) = before_a_revocation().await;
    story.events.pop();
    let gate = scene.follower.gate();
    scene.log.mood.send_replace(Mood::Slow(LEASE / 2));
    let following = following(&scene.follower);
    for n in 2..100 {
        let told = story.events.len();
        story = story.issued(domain::ids::TokenId::from_bits(u128::from(n)), issuance(n, &["*"]));
        scene.append(&story, told).await;
        tokio::time::sleep(LEASE / 5).await;
        assert!(gate.position() < story.position(), "it is always behind");
        assert_eq!(decided(gate), Ok(Code::Valid));
    }
    following.abort();
}
