//! What is asked of tokens, and refused.

use super::*;

#[tokio::test]
async fn a_dry_run_adds_nothing() {
    let world = world().await;
    let asked = Asked { dry_run: true, ..world.ada().await };
    let issued = world.commands.issue_token(&asked, ci()).await.unwrap();
    assert!(issued.secret.is_none() && issued.token.state.issued().is_some());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn another_organisation_s_token_is_not_there() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let stranger = owner(OrganizationId::from_bits(9), MemberId::from_bits(9));
    let revoked =
        world.commands.revoke_token(&stranger, issued.id, RevocationReason::Unspecified, None).await;
    assert!(matches!(revoked.unwrap_err(), Refusal::NotFound));
    let nobody = world.commands.rotate_token(&stranger, TokenId::from_bits(4), None, None).await;
    assert!(matches!(nobody.err().unwrap(), Refusal::NotFound));
}

#[tokio::test]
async fn a_version_that_has_passed_is_refused() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let late = Asked { expected_version: Some(7), ..ada };
    let rotated = world.commands.rotate_token(&late, issued.id, None, None).await;
    assert!(matches!(rotated.err().unwrap(), Refusal::VersionMismatch { actual: 1 }));
}

#[tokio::test]
async fn whoever_is_shown_a_secret_can_do_all_that_it_can() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let narrow = Power { scopes: Arc::from(["tokens:manage".parse().unwrap()]), role: role::owner() };
    let weak = Asked { power: narrow, ..ada.clone() };
    let refused = world.commands.rotate_token(&weak, issued.id, None, None).await.err().unwrap();
    assert!(matches!(refused, Refusal::Token(Rejection::ExceedsCaller { .. })));
    let itself = Asked { actor: Actor { token: Some(issued.id), ..ada.actor.clone() }, ..weak };
    assert!(world.commands.rotate_token(&itself, issued.id, None, None).await.unwrap().secret.is_some());
}

#[tokio::test]
async fn who_may_not_rotate_or_revoke_cannot_tell_whether_a_token_is_there() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let asker = Power { scopes: Arc::from(["tokens:verify".parse().unwrap()]), role: role::owner() };
    let weak = Asked { power: asker, ..ada };
    for id in [issued.id, TokenId::from_bits(4)] {
        let rotated = world.commands.rotate_token(&weak, id, None, None).await.err().unwrap();
        let revoked =
            world.commands.revoke_token(&weak, id, RevocationReason::Unspecified, None).await.unwrap_err();
        assert!(matches!((rotated, revoked), (Refusal::InsufficientScope(_), Refusal::InsufficientScope(_))));
    }
}

#[tokio::test]
async fn a_plan_s_number_of_tokens_is_not_exceeded() {
    let world = world().await;
    let ada = world.ada().await;
    *world.gates.live.lock() = 1_000;
    let refusal = world.commands.issue_token(&ada, ci()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::PlanLimit { limit: 1_000, used: 1_000, plan: Plan::Pro }));
}

#[tokio::test]
async fn a_token_expires_when_its_time_is_over_and_once() {
    let world = world().await;
    let ada = world.ada().await;
    let issued = world.commands.issue_token(&ada, ci()).await.unwrap();
    let worker = Actor::system("expiry");
    let expire = || world.commands.expire_token(&worker, issued.id, ada.organization, None);
    assert!(matches!(expire().await.unwrap_err(), Refusal::Token(Rejection::NotYetExpired)));
    for _ in 0..91 * 24 {
        world.time.advance(Lifespan::hours(1));
    }
    assert_eq!(expire().await.unwrap().outcome, Outcome::Appended);
    let again = expire().await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadySo);
    assert!(matches!(again.state.ending(), Some(Ending::Expired { .. })));
}
