//! What holds for every history.

use domain::{
    catalogue::PermissionSet,
    permission::PermissionName,
    secret::Kind,
    time::{Lifespan, Timestamp},
    token::Ends,
};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::{story::*, world::*};
use crate::gate::{Asker, Code, Decision, Gate, Question};

fn all_answers<'q>(
    gate: &Gate,
    texts: &'q [String],
    permissions: &'q [PermissionName],
    now: Timestamp,
) -> Vec<Decision<'q>> {
    let ask = |token, asker| gate.decide(&Question { token, asker, permissions, endpoint: None }, now);
    let askers = ORGANIZATIONS.map(Asker::Organization).into_iter().chain([Asker::Platform]);
    let pairs = askers.flat_map(|asker| texts.iter().map(move |text| (text.as_str(), asker)));
    pairs.map(|(text, asker)| opened(ask(text, asker).unwrap())).collect()
}

proptest! {
    #[test]
    fn the_gate_answers_as_the_rules_of_the_domain_do(steps in vec(any_step(), 0..40), asked in vec(0_usize..5, 0..3)) {
        let permissions = ["tokens:read", "tokens:manage", "agents:read", "site:read", "platform:verify"];
        let permissions = names(&asked.iter().map(|it| permissions[*it]).collect::<Vec<_>>());
        let world = World::after(&steps);
        let gate = world.story.gate();
        for secret in &world.secrets {
            for asker in ORGANIZATIONS.map(Asker::Organization).into_iter().chain([Asker::Platform]) {
                let text = text(secret.0);
                let question = Question { token: &text, asker, permissions: &permissions, endpoint: None };
                let decision = opened(gate.decide(&question, world.now).unwrap());
                prop_assert_eq!(decision.code, world.answer(*secret, asker, &permissions));
                prop_assert_eq!(decision.subject.is_none(), decision.code == Code::NotFound);
            }
        }
    }

    #[test]
    fn callers_are_let_in_exactly_when_their_tokens_are_valid(steps in vec(any_step(), 0..40)) {
        let world = World::after(&steps);
        let gate = world.story.gate();
        for secret in &world.secrets {
            let valid = world.answer(*secret, Asker::Platform, &[]) == Code::Valid;
            prop_assert_eq!(caller(&gate, &text(secret.0), world.now).is_ok(), valid);
        }
    }

    #[test]
    fn no_permission_goes_beyond_scopes_and_role(
        asked in vec(0_usize..SCOPES.len(), 1..4),
        holder in 0_usize..4,
        registered_before: bool,
    ) {
        let asked: Vec<&str> = asked.iter().map(|it| SCOPES[*it]).collect();
        let mut world = World::new();
        if registered_before {
            world = world.register();
        }
        let world = world.issue(0, &asked, member(holder), None, Ends::In(Lifespan::days(1))).register();
        prop_assume!(!world.secrets.is_empty());
        let (gate, text) = (world.story.gate(), text(1));
        let caller = caller(&gate, &text, world.now).unwrap();
        let mut wanted = PermissionSet::default();
        for scope in scopes(&asked) {
            wanted.add(&scope.permissions(&world.catalogue));
        }
        let granted = world.catalogue.granted_to(&ROLES[holder].parse().unwrap());
        for (place, entry) in world.catalogue.entries().iter().enumerate() {
            let both = wanted.contains(place) && granted.contains(place);
            let permissions = [entry.name.clone()];
            let question = Question { token: &text, asker: Asker::Platform, permissions: &permissions, endpoint: None };
            prop_assert_eq!(opened(gate.decide(&question, world.now).unwrap()).is_valid(), both);
            prop_assert_eq!(caller.may(&entry.name), both);
            prop_assert_eq!(caller.effective().contains(place), both);
            prop_assert_eq!(caller.power().includes(&entry.name, caller.catalogue()), both);
        }
    }

    #[test]
    fn facts_give_the_same_answers_in_pages_of_any_size(
        steps in vec(any_step(), 0..40),
        cuts in vec((any::<Index>(), any::<Index>()), 0..10),
    ) {
        let world = World::after(&steps);
        let events = &world.story.events;
        let whole = world.story.gate();
        let paged = new_gate();
        for (from, to) in cuts {
            // Pages overlap, and what would leave a gap is refused without a trace.
            let (from, to) = (from.index(events.len() + 1), to.index(events.len() + 1));
            let _ = paged.apply(&events[from.min(to)..from.max(to)]);
        }
        paged.apply(events).unwrap();
        let texts: Vec<String> = world.secrets.iter().map(|it| text(it.0)).collect();
        let permissions = names(&["tokens:read", "site:read"]);
        let (one, other) = (
            all_answers(&whole, &texts, &permissions, world.now),
            all_answers(&paged, &texts, &permissions, world.now),
        );
        prop_assert_eq!(one, other);
    }

    #[test]
    fn another_secret_under_a_known_id_is_not_found(random: [u8; 24]) {
        prop_assume!(random != [1; 24]);
        let gate = Story::of_two().issued(CI, issuance(1, &["*"])).gate();
        let id = secret(1).id;
        let brand = domain::secret::Brand::default();
        let forged = domain::secret::SecretText::assemble(&brand, Kind::Pat, id, &random);
        prop_assert_eq!(code(&gate, &forged.into_text_shown_once(), NOON), Code::NotFound);
    }
}

#[test]
fn every_text_that_differs_in_one_character_is_not_found() {
    let gate = Story::of_two().issued(CI, issuance(1, &["*"])).gate();
    let valid = text(1);
    assert_eq!(code(&gate, &valid, NOON), Code::Valid);
    let alphabet = ('0'..='9').chain('A'..='Z').chain('a'..='z').chain(['_', ' ', 'é']);
    for (at, wanted) in alphabet.flat_map(|it| (0..valid.len()).map(move |at| (at, it))) {
        let mut edited = valid.clone();
        edited.replace_range(at..=at, wanted.encode_utf8(&mut [0; 4]));
        if edited != valid {
            assert_eq!(code(&gate, &edited, NOON), Code::NotFound, "{edited}");
        }
    }
    let longer = format!("{valid}0");
    for edited in [&valid[1..], &valid[..60], &longer, ""] {
        assert_eq!(code(&gate, edited, NOON), Code::NotFound, "{edited}");
    }
}
