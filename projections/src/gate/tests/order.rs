//! The order of facts, and the look-ups at the head.

use domain::{
    ids::{OrganizationId, TokenId},
    stream::StreamId,
    token,
};
use eventlog::Position;

use super::story::*;
use crate::gate::{ApplyError, Code, Misfit};

fn misfit(story: &Story) -> Misfit {
    let gate = new_gate();
    let outcome = gate.apply(&story.events);
    let damage = gate.damage().unwrap();
    assert_eq!(outcome, Err(ApplyError::Damaged(damage.clone())));
    assert_eq!(gate.apply(&story.events), Err(ApplyError::Damaged(damage.clone())));
    damage.why
}

#[test]
fn facts_told_twice_count_once() {
    let story = Story::of_two().issued(CI, issuance(1, &["*"]));
    let gate = story.gate();
    gate.apply(&story.events).unwrap();
    gate.apply(&story.events[3..5]).unwrap();
    assert_eq!((gate.position(), code(&gate, &text(1), NOON)), (story.position(), Code::Valid));
}

#[test]
fn a_missing_fact_is_an_error_and_nothing_is_applied() {
    let story = Story::of_two().issued(CI, issuance(1, &["*"]));
    let gate = new_gate();
    gate.apply(&story.events[..2]).unwrap();
    let gap = ApplyError::Gap { expected: Position(3), found: Position(4) };
    assert_eq!(gate.apply(&story.events[3..]), Err(gap));
    let holes = [story.events[2].clone(), story.events[4].clone()];
    assert_eq!(gate.apply(&holes), Err(ApplyError::Gap { expected: Position(4), found: Position(5) }));
    assert_eq!(gate.position(), Position(2));
    gate.apply(&story.events).unwrap();
    assert_eq!(gate.position(), story.position());
}

#[test]
fn facts_that_do_not_fit_damage_the_gate() {
    let issued = || Story::of_two().issued(CI, issuance(1, &["*"]));
    let nowhere = OrganizationId::from_bits(99);
    let added = StreamId::Member(ADA);
    assert_eq!(misfit(&Story::of_two().revoked(CI)), Misfit::TokenUnknown(CI));
    assert_eq!(misfit(&issued().rotated(OTHER, 1, 2, DUSK)), Misfit::TokenUnknown(OTHER));
    assert_eq!(misfit(&issued().rotated(CI, 9, 2, DUSK)), Misfit::SecretNotCurrent(secret(9).id));
    assert_eq!(misfit(&issued().rotated(CI, 1, 1, DUSK)), Misfit::SecretExists(secret(1).id));
    let twice = issued().rotated(CI, 1, 2, DUSK).rotated(CI, 1, 3, DUSK);
    assert_eq!(misfit(&twice), Misfit::SecretNotCurrent(secret(1).id));
    assert_eq!(misfit(&issued().issued(CI, issuance(2, &["*"]))), Misfit::TokenExists(CI));
    assert_eq!(misfit(&issued().issued(OTHER, issuance(1, &["*"]))), Misfit::SecretExists(secret(1).id));
    assert_eq!(misfit(&issued().registered(ACME, ADA)), Misfit::OrganizationExists(ACME));
    assert_eq!(misfit(&issued().member(ACME, ADA, "viewer")), Misfit::MemberExists(added));
    assert_eq!(misfit(&Story::default().member(nowhere, ADA, "viewer")), Misfit::OrganizationUnknown(added));
    let homeless = token::Event::Issued(Box::new(issuance(1, &["*"])));
    let stream = StreamId::Token(CI);
    assert_eq!(misfit(&Story::of_two().token(CI, None, homeless)), Misfit::OrganizationUnknown(stream));
}

#[test]
fn a_secret_of_another_token_cannot_be_replaced() {
    let story = Story::of_two().issued(CI, issuance(1, &["*"])).issued(OTHER, issuance(2, &["*"]));
    assert_eq!(misfit(&story.rotated(OTHER, 1, 3, DUSK)), Misfit::SecretNotCurrent(secret(1).id));
}

#[test]
fn a_fact_in_the_stream_of_another_kind_does_not_fit() {
    let stray = domain::fact::Fact::Platform(domain::platform::Event::OperatorReset);
    let story = Story::default().then(StreamId::Token(CI), None, NOON, stray);
    assert_eq!(misfit(&story), Misfit::Stream(StreamId::Token(CI)));
}

#[test]
fn a_registration_is_unfinished_until_its_owner_is_there() {
    let story = Story::default().registered(ACME, ADA).registered(GLOBEX, EVE).member(ACME, BOB, "viewer");
    let mut open = story.gate().registrations_without_owner();
    open.sort();
    assert_eq!(open, [(ACME, ADA), (GLOBEX, EVE)]);
    let story = story.member(ACME, ADA, "owner");
    assert_eq!(story.gate().registrations_without_owner(), [(GLOBEX, EVE)]);
}

#[test]
fn organisations_and_tokens_are_looked_up_at_the_head() {
    let story = Story::of_two().issued(CI, issuance(1, &["*"])).issued(OTHER, issuance(2, &["*"]));
    let gate = story.gate();
    assert_eq!(gate.organization(ACME).unwrap().owners.as_ref(), [ADA]);
    assert_eq!(gate.organization(OrganizationId::from_bits(0)), None);
    assert_eq!(gate.token_organization(CI), Some(ACME));
    assert_eq!(gate.token_organization(TokenId::from_bits(0)), None);
    assert_eq!((gate.count_tokens(ACME), gate.count_tokens(GLOBEX)), (2, 0));
    let story = story.expired(CI, DUSK).revoked(CI).revoked(OTHER).revoked(OTHER);
    assert_eq!(story.gate().count_tokens(ACME), 0);
}
