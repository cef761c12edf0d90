//! Callers' own credentials.

use domain::{
    actor::Holder,
    secret::Kind,
    token::{self, Issuance},
};

use super::story::*;
use crate::gate::{Gate, Refusal};

fn operator(n: u8) -> token::Event {
    let secret = secret_under(&pepper("k2"), Kind::Ops, n);
    let issued =
        Issuance { holder: Holder::Operator, kind: Kind::Ops, secret, ..issuance(n, &["platform:*"]) };
    token::Event::Issued(Box::new(issued))
}

fn refusal(gate: &Gate, text: &str, now: domain::time::Timestamp) -> Refusal {
    caller(gate, text, now).map(|it| it.token).unwrap_err()
}

#[test]
fn a_caller_is_who_holds_the_token() {
    let story = Story::of_two().issued(CI, Issuance { holder: Holder::Member(BOB), ..issuance(1, &["*"]) });
    let caller = caller(&story.gate(), &text(1), NOON).unwrap();
    assert_eq!((caller.token, caller.holder, caller.organization), (CI, Holder::Member(BOB), Some(ACME)));
    assert_eq!((caller.role.as_str(), caller.position), ("developer", story.position()));
    assert!(caller.may(&names(&["tokens:verify"])[0]));
    assert!(!caller.may(&names(&["tokens:manage"])[0]));
    assert!(!caller.may(&names(&["no:such"])[0]));
    assert!(caller.power().includes(&names(&["tokens:verify"])[0], caller.catalogue()));
}

#[test]
fn an_operator_can_do_what_is_the_platforms() {
    let story = Story::default().token(OTHER, None, operator(1));
    let caller = caller(&story.gate(), &text_of(Kind::Ops, 1), NOON).unwrap();
    assert_eq!(
        (caller.holder, caller.organization, caller.role.as_str()),
        (Holder::Operator, None, "operator")
    );
    assert!(caller.may(&names(&["platform:organizations"])[0]));
    assert!(!caller.may(&names(&["tokens:read"])[0]));
}

#[test]
fn a_reset_voids_all_operators_before_it_and_none_after() {
    let story = Story::of_two()
        .token(OTHER, None, operator(1))
        .issued(CI, issuance(3, &["*"]))
        .operators_reset()
        .token(domain::ids::TokenId::from_bits(8), None, operator(2));
    let gate = story.gate();
    assert_eq!(refusal(&gate, &text_of(Kind::Ops, 1), NOON), Refusal::Revoked { at: NOON });
    assert!(caller(&gate, &text_of(Kind::Ops, 2), NOON).is_ok());
    assert!(caller(&gate, &text(3), NOON).is_ok(), "an organisation's token is none of an operator's");
}

#[test]
fn who_has_proven_the_secret_is_told_why() {
    let lives = Issuance { starts_at: Some(NOON), expires_at: Some(DUSK), ..issuance(1, &["*"]) };
    let story = Story::of_two().issued(CI, lives).rotated(CI, 1, 2, NOON);
    let gate = story.gate();
    let dawn = NOON.minus(domain::time::Lifespan::hours(6));
    assert_eq!(refusal(&gate, &text(1), NOON), Refusal::Revoked { at: NOON });
    assert_eq!(refusal(&gate, &text(2), dawn), Refusal::NotYetValid { at: NOON });
    assert_eq!(refusal(&gate, &text(2), DUSK), Refusal::Expired { at: DUSK });
    assert_eq!(refusal(&gate, &text(9), NOON), Refusal::NotFound);
    assert_eq!(refusal(&story.revoked(CI).gate(), &text(2), NOON), Refusal::Revoked { at: NOON });
}

#[test]
fn an_owner_by_role_alone_can_give_nothing() {
    let story = Story::of_two().member(ACME, domain::ids::MemberId::from_bits(5), "owner");
    let holder = Holder::Member(domain::ids::MemberId::from_bits(5));
    let gate = story.issued(CI, Issuance { holder, ..issuance(1, &["*"]) }).gate();
    let caller = caller(&gate, &text(1), NOON).unwrap();
    assert!(caller.effective().is_empty());
    assert!(!caller.power().covers(&"tokens:read".parse().unwrap(), caller.catalogue()));
    assert!(!caller.power().covers(&"*".parse().unwrap(), caller.catalogue()));
}

#[test]
fn a_new_permission_counts_for_tokens_that_were_issued_before() {
    let story = Story::of_two().issued(CI, issuance(1, &["*"]));
    let name = &names(&["site:read"])[0];
    assert!(!caller(&story.gate(), &text(1), NOON).unwrap().may(name));
    let later = story.permission("site:read", &["ANY /**"], &["owner"]).gate();
    assert!(caller(&later, &text(1), NOON).unwrap().may(name));
    assert!(later.catalogue().get(name).is_some());
}
