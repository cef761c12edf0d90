use super::*;
use crate::{catalogue::Catalogue, ids::MemberId, role};
use proptest::prelude::*;

const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const ADA: Holder = Holder::Member(MemberId::from_bits(1));

fn secret(n: u8) -> NewSecret {
    NewSecret {
        id: SecretId::from_random([n; 10]),
        key: "k1".parse().unwrap(),
        digest: Digest::from_bytes([n; 32]),
    }
}

fn scopes(texts: &[&str]) -> Vec<Scope> {
    texts.iter().map(|it| it.parse().unwrap()).collect()
}

fn issue(asked: &[&str], ends: Ends) -> Issue {
    Issue {
        organization: Some(OrganizationId::from_bits(1)),
        holder: ADA,
        kind: Kind::Pat,
        secret: secret(1),
        scopes: scopes(asked),
        starts_at: None,
        ends,
        texts: Texts { name: "ci".to_owned(), ..Texts::default() },
        giver: Power::of_role(role::owner()),
        receiver: Power::of_role(role::owner()),
        catalogue: Arc::new(Catalogue::default()),
        policy: Policy::default(),
        plan: Some(Plan::Pro),
        at: NOON,
    }
}

fn given(events: &[Event]) -> Token {
    events.iter().fold(Token::Unissued, |state, event| Rules::evolve(state, event, NOON))
}

fn decide(state: &Token, command: &Command) -> Result<Vec<Event>, Rejection> {
    Rules::decide(state, command)
}

fn issued() -> Event {
    decide(&Token::Unissued, &Command::Issue(Box::new(issue(&["tokens:read"], Ends::Default))))
        .unwrap()
        .remove(0)
}

fn refusal(issue: Issue) -> Rejection {
    decide(&Token::Unissued, &Command::Issue(Box::new(issue))).unwrap_err()
}

fn rotate(overlap: &str, at: Timestamp) -> Command {
    let (secret, overlap) = (secret(2), Some(overlap.parse().unwrap()));
    Command::Rotate { secret, overlap, reason: None, policy: Policy::default(), at }
}

fn revoke() -> Command {
    Command::Revoke { reason: RevocationReason::Superseded, note: None }
}

#[test]
fn a_token_lives_ninety_days_unless_said_otherwise() {
    let token = given(&[issued()]);
    assert_eq!(token.issued().unwrap().expires_at, Some(NOON.plus(Lifespan::days(90))));
}

#[test]
fn a_status_follows_the_clock_until_a_fact_ends_the_token() {
    let hour = |n| NOON.plus(Lifespan::hours(n));
    let wish = Issue { starts_at: Some(hour(1)), ..issue(&["tokens:read"], Ends::At(hour(2))) };
    let begun = decide(&Token::Unissued, &Command::Issue(Box::new(wish))).unwrap();
    let revoked = Event::Revoked { reason: RevocationReason::Superseded, note: None };
    let expired = Event::Expired { expires_at: hour(2) };
    let token = given(&begun);
    let at = |token: &Token, n| token.status(hour(n)).unwrap().as_str();
    assert_eq!([0, 1, 2].map(|n| at(&token, n)), ["pending", "active", "expired"]);
    let ended = |event| Rules::evolve(token.clone(), &event, NOON);
    assert_eq!([0, 1, 2].map(|n| at(&ended(revoked.clone()), n)), ["revoked"; 3]);
    assert_eq!([0, 1, 2].map(|n| at(&ended(expired.clone()), n)), ["expired"; 3]);
    assert_eq!(Token::Unissued.status(NOON), None);
}

#[test]
fn an_expiry_in_the_past_is_refused() {
    assert_eq!(refusal(issue(&["*"], Ends::At(NOON))), Rejection::ExpiryNotInFuture);
    assert_eq!(refusal(issue(&["*"], Ends::In(Lifespan::ZERO))), Rejection::ExpiryNotInFuture);
}

#[test]
fn a_token_cannot_start_after_it_ends() {
    let late =
        Issue { starts_at: Some(NOON.plus(Lifespan::days(2))), ..issue(&["*"], Ends::In(Lifespan::days(1))) };
    assert_eq!(refusal(late), Rejection::StartsAfterExpiry);
}

#[test]
fn a_member_s_token_lives_a_year_at_most_and_never_for_ever() {
    let long = Rejection::Policy(vec![PolicyBreach::ExpiryExceeds(Lifespan::days(365))]);
    assert_eq!(refusal(issue(&["*"], Ends::In(Lifespan::days(366)))), long);
    let never = Rejection::Policy(vec![PolicyBreach::NeverExpiresNotAllowed]);
    assert_eq!(refusal(issue(&["*"], Ends::Never)), never);
}

#[test]
fn a_service_s_token_may_live_for_ever_with_a_reason() {
    let service = Issue { kind: Kind::Svc, ..issue(&["*"], Ends::Never) };
    assert_eq!(refusal(service.clone()), Rejection::Policy(vec![PolicyBreach::ReasonRequired]));
    let texts = Texts { reason: Some("the build farm".to_owned()), ..service.texts.clone() };
    assert!(decide(&Token::Unissued, &Command::Issue(Box::new(Issue { texts, ..service }))).is_ok());
}

#[test]
fn a_role_bounds_what_its_holder_is_given() {
    let excess = scopes(&["platform:verify"]);
    let role = role::owner();
    assert_eq!(
        refusal(issue(&["*", "platform:verify"], Ends::Default)),
        Rejection::ExceedsRole { excess, role }
    );
}

#[test]
fn nobody_gives_more_than_the_credential_presented_has() {
    let narrow = Power { scopes: scopes(&["tokens:write"]).into(), role: role::owner() };
    let asked = Issue { giver: narrow, ..issue(&["tokens:read", "tokens:*"], Ends::Default) };
    assert_eq!(refusal(asked), Rejection::ExceedsCaller { excess: scopes(&["tokens:*"]) });
}

#[test]
fn rotating_keeps_the_old_secret_until_the_overlap_ends() {
    let token = given(&[issued()]);
    let rotated = decide(&token, &rotate("24h", NOON)).unwrap();
    let token = Rules::evolve(token, &rotated[0], NOON);
    let secrets = &token.issued().unwrap().secrets;
    assert_eq!(secrets[0].valid_until, Some(NOON.plus(Lifespan::hours(24))));
    assert_eq!(secrets[1].valid_until, None);
}

#[test]
fn one_rotation_ends_before_the_next_begins() {
    let token = given(&[issued()]);
    let rotated = decide(&token, &rotate("24h", NOON)).unwrap();
    let token = Rules::evolve(token, &rotated[0], NOON);
    let tomorrow = NOON.plus(Lifespan::hours(24));
    assert_eq!(decide(&token, &rotate("1h", NOON)), Err(Rejection::RotationInProgress(tomorrow)));
    assert!(decide(&token, &rotate("1h", tomorrow)).is_ok());
}

#[test]
fn a_secret_that_was_lost_is_replaced_at_once_and_the_one_before_lives_on() {
    let token = given(&[issued()]);
    let tomorrow = NOON.plus(Lifespan::hours(24));
    let lost = decide(&token, &rotate("24h", NOON)).unwrap();
    let token = Rules::evolve(token, &lost[0], NOON);
    let found = decide(&token, &rotate("0s", NOON)).unwrap();
    let token = Rules::evolve(token, &found[0], NOON);
    let ends: Vec<Option<Timestamp>> =
        token.issued().unwrap().secrets.iter().map(|it| it.valid_until).collect();
    assert_eq!(ends, [Some(tomorrow), Some(NOON), None]);
}

#[test]
fn a_thousand_rotations_leave_three_secrets_at_most() {
    let mut token = given(&[issued()]);
    for _ in 0..1_000 {
        let rotated = decide(&token, &rotate("0s", NOON)).unwrap();
        token = Rules::evolve(token, &rotated[0], NOON);
    }
    assert!(token.issued().unwrap().secrets.len() <= 3);
}

#[test]
fn an_overlap_is_bounded_by_the_policy() {
    let long = Rejection::Policy(vec![PolicyBreach::OverlapExceeds(Lifespan::days(7))]);
    assert_eq!(decide(&given(&[issued()]), &rotate("8d", NOON)), Err(long));
}

#[test]
fn revoking_twice_adds_nothing() {
    let token = given(&[issued()]);
    let revoked = decide(&token, &revoke()).unwrap();
    let token = Rules::evolve(token, &revoked[0], NOON);
    assert_eq!(decide(&token, &revoke()), Ok(vec![]));
    assert_eq!(decide(&token, &rotate("1h", NOON)), Err(Rejection::IsRevoked));
}

#[test]
fn a_token_expires_at_its_instant_and_once() {
    let token = given(&[issued()]);
    let dusk = NOON.plus(Lifespan::days(90));
    let before = Timestamp::from_micros(dusk.micros() - 1);
    assert_eq!(decide(&token, &Command::Expire { at: before }), Err(Rejection::NotYetExpired));
    assert_eq!(decide(&token, &rotate("1h", dusk)), Err(Rejection::IsExpired));
    let expired = decide(&token, &Command::Expire { at: dusk }).unwrap();
    assert_eq!(expired, [Event::Expired { expires_at: dusk }]);
    let token = Rules::evolve(token, &expired[0], dusk);
    assert_eq!(decide(&token, &Command::Expire { at: dusk }), Ok(vec![]));
}

#[test]
fn an_expired_token_can_still_be_revoked() {
    let token = given(&[issued(), Event::Expired { expires_at: NOON }]);
    assert_eq!(decide(&token, &revoke()).map(|it| it.len()), Ok(1));
}

#[test]
fn what_was_never_issued_cannot_be_changed() {
    for command in [rotate("1h", NOON), revoke(), Command::Expire { at: NOON }] {
        assert_eq!(decide(&Token::Unissued, &command), Err(Rejection::NotIssued));
    }
}

/// A step of a token's life: a wish, and how many hours pass before it.
fn any_step() -> impl Strategy<Value = (i64, u8)> {
    (0_i64..1_000, 0_u8..4)
}

proptest! {
    #[test]
    fn a_revoked_token_never_lives_again(steps in prop::collection::vec(any_step(), 0..30)) {
        let mut token = given(&[issued(), Event::Revoked { reason: RevocationReason::KeyCompromise, note: None }]);
        let mut now = NOON;
        for (hours, wish) in steps {
            now = now.plus(Lifespan::hours(hours));
            let facts = decide(&token, &command(wish, now)).unwrap_or_default();
            token = facts.iter().fold(token, |it, fact| Rules::evolve(it, fact, now));
            let revoked = matches!(token.ending(), Some(Ending::Revoked { .. }));
            prop_assert!(revoked);
        }
    }

    #[test]
    fn saying_the_same_twice_adds_nothing(steps in prop::collection::vec(any_step(), 0..30)) {
        let (mut token, mut now) = (Token::Unissued, NOON);
        for (hours, wish) in steps {
            now = now.plus(Lifespan::hours(hours));
            let Ok(facts) = decide(&token, &command(wish, now)) else { continue };
            token = facts.iter().fold(token, |it, fact| Rules::evolve(it, fact, now));
            let again = decide(&token, &command(wish, now));
            prop_assert!(again.as_ref().map_or(true, Vec::is_empty), "{:?}", again);
        }
    }

    #[test]
    fn at_most_two_secrets_live_at_once(steps in prop::collection::vec(any_step(), 0..30)) {
        let (mut token, mut now) = (given(&[issued()]), NOON);
        for (hours, wish) in steps {
            now = now.plus(Lifespan::hours(hours));
            let facts = decide(&token, &command(wish, now)).unwrap_or_default();
            token = facts.iter().fold(token, |it, fact| Rules::evolve(it, fact, now));
            let secrets = &token.issued().unwrap().secrets;
            prop_assert!(secrets.iter().filter(|it| it.valid_until.is_none_or(|until| now < until)).count() <= 2);
        }
    }
}

fn command(wish: u8, at: Timestamp) -> Command {
    match wish {
        0 => Command::Issue(Box::new(Issue { at, ..issue(&["tokens:read"], Ends::Default) })),
        1 => rotate("24h", at),
        2 => revoke(),
        _ => Command::Expire { at },
    }
}
