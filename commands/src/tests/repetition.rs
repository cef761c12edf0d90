//! Commands that are said again, at once, or by another process, and answers that are lost.

use super::*;

#[tokio::test]
async fn the_same_key_with_another_request_is_a_mistake() {
    let world = world().await;
    let ada = world.ada().await;
    world.commands.issue_token(&keyed(7, 1, ada.clone()), ci()).await.unwrap();
    let refusal = world.commands.issue_token(&keyed(7, 2, ada), ci()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::IdempotencyMismatch));
}

#[tokio::test]
async fn two_at_once_with_one_key_issue_one_token_and_show_one_secret() {
    let world = world().await;
    let asked = keyed(7, 1, world.ada().await);
    let (one, other) =
        tokio::join!(world.commands.issue_token(&asked, ci()), world.commands.issue_token(&asked, ci()),);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.id, other.id);
    assert_eq!([one.secret, other.secret].iter().filter(|it| it.is_some()).count(), 1);
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn two_processes_with_one_key_issue_one_token_and_show_one_secret() {
    let world = world().await;
    let asked = keyed(7, 1, world.ada().await);
    let (log, keyring) = (world.log.clone(), world.keyring.clone());
    let other = process(log, keyring, world.gates.clone(), world.time.clone()).await;
    let (one, two) =
        tokio::join!(world.commands.issue_token(&asked, ci()), other.commands.issue_token(&asked, ci()),);
    let shown = [one.unwrap().secret, two.unwrap().secret];
    assert_eq!(shown.iter().filter(|it| it.is_some()).count(), 1);
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn an_answer_that_is_lost_after_appending_changes_nothing() {
    let world = world().await;
    let ada = world.ada().await;
    world.log.inner.lose_next_answer();
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    assert!(issued.secret.is_some(), "the same bytes were sent again, so this secret is the one stored");
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn nobody_is_told_before_the_gate_knows() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    *world.gates.broken.lock() = true;
    let revoke = || world.commands.revoke_token(&ada, issued.id, RevocationReason::Superseded, None);
    assert!(matches!(revoke().await.unwrap_err(), Refusal::Failed(Failure::Fence(_))));
    // It is appended all the same; the same call again adds nothing and waits again.
    assert!(matches!(revoke().await.unwrap_err(), Refusal::Failed(Failure::Fence(_))));
    *world.gates.broken.lock() = false;
    assert_eq!(revoke().await.unwrap().outcome, Outcome::AlreadySo);
    assert_eq!(world.records().await, 5);
}

#[tokio::test]
async fn a_request_that_is_given_up_before_the_gate_knows_is_whole_and_shows_no_second_secret() {
    let world = world().await;
    let asked = keyed(7, 1, world.ada().await);
    *world.gates.silent.lock() = true;
    let given_up =
        tokio::time::timeout(std::time::Duration::from_millis(20), world.commands.issue_token(&asked, ci()));
    assert!(given_up.await.is_err());
    *world.gates.silent.lock() = false;
    let again = world.commands.issue_token(&asked, ci()).await.unwrap();
    assert_eq!(again.token.outcome, Outcome::Repeated);
    assert!(again.secret.is_none() && again.token.state.issued().is_some());
    assert_eq!(world.gates.reached.lock().last(), Some(&Position(4)));
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn five_lost_races_are_a_conflict() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    *world.log.conflicts.lock() = 5;
    let refusal = world.commands.rotate_token(&ada, issued.id, None, None).await.err().unwrap();
    assert!(matches!(refusal, Refusal::Contended));
    assert!(world.commands.rotate_token(&ada, issued.id, None, None).await.unwrap().secret.is_some());
}

#[tokio::test]
async fn a_key_means_a_new_command_after_a_day_but_never_a_second_token() {
    let world = world().await;
    let ada = world.ada().await;
    let (issue, rotate) = (keyed(1, 1, ada.clone()), keyed(2, 1, ada));
    let id = world.commands.issue_token(&issue, ci()).await.unwrap().id;
    let rotated =
        async || world.commands.rotate_token(&rotate, id, Some(Lifespan::ZERO), None).await.unwrap();
    assert!(rotated().await.secret.is_some());
    assert!(rotated().await.secret.is_none());
    for _ in 0..25 * 4 {
        world.time.advance(Lifespan::seconds(900));
    }
    // What is forgotten is forgotten by log time, when the next fact is folded.
    let other = keyed(3, 1, rotate.clone());
    world.commands.rotate_token(&other, id, Some(Lifespan::ZERO), None).await.unwrap();
    assert!(rotated().await.secret.is_some());
    assert!(world.commands.issue_token(&issue, ci()).await.unwrap().secret.is_none());
}
