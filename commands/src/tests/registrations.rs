//! Organisations and the first token of each, and of the operators, however often it is cut off.

use super::*;

#[tokio::test]
async fn an_organisation_comes_with_its_owner_and_the_owner_s_first_token() {
    let world = world().await;
    let registered = world.register(&operator()).await.unwrap();
    let token = registered.token.unwrap();
    assert!(token.secret.is_some_and(|it| it.kind() == Kind::Pat));
    assert_eq!(token.token.state.issued().unwrap().holder, Holder::Member(registered.owner));
    assert_eq!(world.records().await, 3);
    assert!(world.gates.reached.lock().contains(&Position(3)));
}

#[tokio::test]
async fn a_retry_of_a_registration_adds_nothing_and_shows_no_secret_twice() {
    let world = world().await;
    let asked = keyed(1, 1, operator());
    let first = world.register(&asked).await.unwrap();
    let again = world.register(&asked).await.unwrap();
    assert_eq!((again.id, again.owner), (first.id, first.owner));
    assert!(again.token.unwrap().secret.is_none());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn a_slug_that_is_taken_is_refused() {
    let world = world().await;
    world.register(&operator()).await.unwrap();
    let refusal = world.register(&operator()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Organization(organization::Rejection::AlreadyExists)));
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn a_registration_cut_off_after_its_second_step_is_finished_by_a_retry() {
    let world = world().await;
    let asked = keyed(1, 1, operator());
    *world.log.refused.lock() = Some(2);
    assert!(world.register(&asked).await.is_err());
    assert_eq!(world.records().await, 2);
    assert!(world.register(&asked).await.unwrap().token.unwrap().secret.is_some());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn of_two_who_register_one_slug_at_once_one_owns_it() {
    let world = world().await;
    let register = |name: &str| {
        let person = Person { email: format!("{name}@acme.test"), name: name.to_owned() };
        let wish = RegisterOrganization { owner: person, ..acme() };
        async { world.commands.register_organization(&operator(), wish).await }
    };
    let (ada, eve) = tokio::join!(register("ada"), register("eve"));
    assert_eq!([ada.is_ok(), eve.is_ok()].iter().filter(|it| **it).count(), 1);
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn a_registration_that_was_cut_off_is_finished_but_for_the_secret() {
    let world = world().await;
    let asked = keyed(1, 1, operator());
    // The append of the second step fails as if the process had died there.
    *world.log.refused.lock() = Some(1);
    assert!(world.register(&asked).await.is_err());
    assert_eq!(world.records().await, 1);
    let acme = OrganizationId::of_slug(&"acme".parse().unwrap());
    let reconciler = Actor::system("registration");
    let finished = world.commands.finish_registration(&reconciler, acme, None).await.unwrap();
    assert_eq!(finished, Outcome::Appended);
    assert_eq!(
        world.commands.finish_registration(&reconciler, acme, None).await.unwrap(),
        Outcome::AlreadySo
    );
    let retried = world.register(&asked).await.unwrap();
    assert!(retried.token.unwrap().secret.is_some());
    assert_eq!(world.records().await, 3);
}

#[tokio::test]
async fn the_operators_are_given_one_token_however_often_a_first_start_is_cut_off() {
    let world = world().await;
    assert!(!world.commands.has_operator_token().await.unwrap());
    let first = world.commands.make_operator_secret().unwrap();
    let again = world.commands.make_operator_secret().unwrap();
    assert!(world.commands.issue_first_operator_token(first).await.unwrap().secret.is_some());
    assert!(world.commands.issue_first_operator_token(again).await.unwrap().secret.is_none());
    assert!(world.commands.has_operator_token().await.unwrap());
}
