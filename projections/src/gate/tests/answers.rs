//! What the gate answers, and why.

use domain::{
    actor::Holder,
    erasable::Erasable,
    ids::ServiceAccountId,
    secret::Kind,
    token::{self, Issuance, Texts},
};

use super::story::*;
use crate::gate::{Asker, Code, Denier, Layer, Misfit, Question};

fn denied_by(decision: &crate::gate::Decision<'_>) -> (Layer, String) {
    let denied = decision.denied_by.clone().unwrap();
    (denied.layer, denied.id.unwrap().to_string())
}

#[test]
fn a_live_token_is_valid_and_described() {
    let texts = Texts {
        name: "deploy".to_owned(),
        metadata: [("stage".to_owned(), "prod".to_owned())].into(),
        external_id: Some("42".to_owned()),
        ..Texts::default()
    };
    let issued =
        Issuance { texts: Erasable::Known(texts), expires_at: Some(DUSK), ..issuance(1, &["tokens:*"]) };
    let story = Story::of_two().issued(CI, issued);
    let (text, asked) = (text(1), names(&["tokens:read", "tokens:manage"]));
    let gate = story.gate();
    let decision = ask(&gate, &text, &asked);
    assert_eq!((decision.code, decision.position), (Code::Valid, story.position()));
    let subject = decision.subject.unwrap();
    assert_eq!((subject.token, subject.secret, subject.kind), (CI, secret(1).id, Kind::Pat));
    assert_eq!((subject.organization, subject.holder), (ACME, Holder::Member(ADA)));
    assert_eq!(subject.name.as_deref(), Some("deploy"));
    assert_eq!(subject.scopes.as_ref(), scopes(&["tokens:*"]));
    assert_eq!(subject.expires_at, Some(DUSK));
    assert_eq!(subject.metadata.unwrap()["stage"], "prod");
    assert_eq!(subject.external_id.as_deref(), Some("42"));
}

#[test]
fn an_erased_name_is_none() {
    let issued = Issuance { texts: Erasable::Erased, ..issuance(1, &["*"]) };
    let gate = Story::of_two().issued(CI, issued).gate();
    assert_eq!(ask(&gate, &text(1), &[]).subject.unwrap().name, None);
}

#[test]
fn a_token_of_another_organisation_is_not_found() {
    let gate = Story::of_two().issued(CI, issuance(1, &["*"])).gate();
    let text = text(1);
    let question =
        Question { token: &text, asker: Asker::Organization(GLOBEX), permissions: &[], endpoint: None };
    let foreign = opened(gate.decide(&question, NOON).unwrap());
    let unknown = ask(&gate, "c9d_pat_nothing", &[]);
    assert_eq!(foreign, unknown);
    assert_eq!((foreign.code, foreign.subject), (Code::NotFound, None));
    let platform = Question { asker: Asker::Platform, ..question };
    assert!(opened(gate.decide(&platform, NOON).unwrap()).is_valid());
}

#[test]
fn an_operators_token_is_found_by_nobody() {
    let issued = Issuance {
        holder: Holder::Operator,
        kind: Kind::Ops,
        secret: secret_under(&pepper("k2"), Kind::Ops, 1),
        ..issuance(1, &["platform:*"])
    };
    let gate = Story::of_two().token(OTHER, None, token::Event::Issued(Box::new(issued))).gate();
    let text = text_of(Kind::Ops, 1);
    for asker in [Asker::Platform, Asker::Organization(ACME)] {
        let question = Question { token: &text, asker, permissions: &[], endpoint: None };
        assert_eq!(opened(gate.decide(&question, NOON).unwrap()).code, Code::NotFound);
    }
}

#[test]
fn a_revoked_token_is_revoked_from_the_fact_on() {
    let story = Story::of_two().issued(CI, issuance(1, &["*"]));
    let gate = story.gate();
    assert_eq!(code(&gate, &text(1), NOON), Code::Valid);
    gate.apply(&story.revoked(CI).events).unwrap();
    assert_eq!(code(&gate, &text(1), NOON), Code::Revoked);
    assert_eq!(denied_by(&ask(&gate, &text(1), &[])), (Layer::Status, CI.to_string()));
}

#[test]
fn a_token_ends_at_its_instant_whether_or_not_that_is_recorded() {
    let issued = Issuance { expires_at: Some(DUSK), ..issuance(1, &["*"]) };
    let story = Story::of_two().issued(CI, issued);
    let before = domain::time::Timestamp::from_micros(DUSK.micros() - 1);
    assert_eq!(code(&story.gate(), &text(1), before), Code::Valid);
    assert_eq!(code(&story.gate(), &text(1), DUSK), Code::Expired);
    // A clock that steps back revives nothing.
    assert_eq!(code(&story.expired(CI, DUSK).gate(), &text(1), before), Code::Expired);
}

#[test]
fn a_token_that_has_not_begun_is_not_yet_valid() {
    let issued = Issuance { starts_at: Some(DUSK), ..issuance(1, &["*"]) };
    let gate = Story::of_two().issued(CI, issued).gate();
    assert_eq!(code(&gate, &text(1), NOON), Code::NotYetValid);
    assert_eq!(code(&gate, &text(1), DUSK), Code::Valid);
}

#[test]
fn a_replaced_secret_lives_until_the_overlap_ends() {
    let story = Story::of_two().issued(CI, issuance(1, &["*"])).rotated(CI, 1, 2, DUSK);
    let gate = story.gate();
    let codes = |now| [code(&gate, &text(1), now), code(&gate, &text(2), now)];
    assert_eq!(codes(NOON), [Code::Valid, Code::Valid]);
    assert_eq!(codes(DUSK), [Code::Revoked, Code::Valid]);
    let gone = Story::of_two().issued(CI, issuance(1, &["*"])).rotated(CI, 1, 2, NOON).gate();
    assert_eq!(denied_by(&ask(&gone, &text(1), &[])), (Layer::Secret, secret(1).id.to_string()));
}

#[test]
fn a_token_whose_holder_is_unknown_is_refused_until_they_are_added() {
    let machine = Holder::ServiceAccount(ServiceAccountId::from_bits(1));
    let gate = Story::of_two().issued(CI, Issuance { holder: machine, ..issuance(1, &["*"]) }).gate();
    assert_eq!(denied_by(&ask(&gate, &text(1), &[])), (Layer::Status, machine.to_string()));
    let story = Story::default().registered(ACME, ADA).issued(CI, issuance(1, &["*"]));
    assert_eq!(code(&story.gate(), &text(1), NOON), Code::HolderInactive);
    assert_eq!(code(&story.member(ACME, ADA, "owner").gate(), &text(1), NOON), Code::Valid);
}

#[test]
fn a_holder_in_another_organisation_is_none() {
    let issued = Issuance { holder: Holder::Member(EVE), ..issuance(1, &["*"]) };
    let gate = Story::of_two().issued(CI, issued).gate();
    assert_eq!(code(&gate, &text(1), NOON), Code::HolderInactive);
}

#[test]
fn what_is_missing_is_named_with_the_layer_that_stands_against_it() {
    let issued = Issuance { holder: Holder::Member(BOB), ..issuance(1, &["tokens:*"]) };
    let gate = Story::of_two().issued(CI, issued).gate();
    let (text, asked) = (text(1), names(&["tokens:read", "tokens:manage", "agents:read"]));
    let decision = ask(&gate, &text, &asked);
    assert_eq!(decision.code, Code::InsufficientPermissions);
    assert_eq!(decision.missing_permissions, [&asked[1], &asked[2]]);
    assert_eq!(denied_by(&decision), (Layer::Role, "developer".to_owned()));
    let scope = ask(&gate, &text, &asked[2..]);
    assert_eq!(denied_by(&scope), (Layer::Scope, CI.to_string()));
    let unknown = names(&["no:such"]);
    assert_eq!(denied_by(&ask(&gate, &text, &unknown)), (Layer::Scope, CI.to_string()));
}

#[test]
fn the_role_owner_counts_for_owners_only() {
    let mallory = domain::ids::MemberId::from_bits(0x3A1);
    let issued = Issuance { holder: Holder::Member(mallory), ..issuance(1, &["*"]) };
    let gate = Story::of_two().member(ACME, mallory, "owner").issued(CI, issued).gate();
    let asked = names(&["tokens:read"]);
    assert_eq!(denied_by(&ask(&gate, &text(1), &asked)), (Layer::Role, "owner".to_owned()));
}

#[test]
fn a_narrowed_scope_gives_nothing_yet() {
    let narrow = issuance(1, &["tokens:read/tok_1", "GET /v1/reports/*"]);
    let gate =
        Story::of_two().permission("reports:read", &["GET /v1/reports/*"], &["owner"]).issued(CI, narrow);
    let (gate, text, asked) = (gate.gate(), text(1), names(&["tokens:read"]));
    assert_eq!(ask(&gate, &text, &asked).code, Code::InsufficientPermissions);
    assert_eq!(call(&gate, &text, "GET", "/v1/reports/7").code, Code::InsufficientPermissions);
}

#[test]
fn an_endpoint_is_open_to_who_has_a_permission_that_opens_it() {
    let story = Story::of_two()
        .issued(CI, issuance(1, &["reports:read"]))
        .issued(OTHER, Issuance { holder: Holder::Member(BOB), ..issuance(2, &["*"]) })
        .permission("reports:read", &["GET /v1/reports/*"], &["owner"]);
    let (gate, ada, bob) = (story.gate(), text(1), text(2));
    assert!(call(&gate, &ada, "GET", "/v1/reports/7").is_valid());
    assert_eq!(denied_by(&call(&gate, &ada, "PUT", "/v1/reports/7")), (Layer::Scope, CI.to_string()));
    assert_eq!(denied_by(&call(&gate, &ada, "GET", "/v1/reports/../tokens")), (Layer::Scope, CI.to_string()));
    let role = (Layer::Role, "developer".to_owned());
    assert_eq!(denied_by(&call(&gate, &bob, "GET", "/v1/reports/7")), role);
}

#[test]
fn permissions_and_the_endpoint_must_both_hold() {
    let gate = Story::of_two()
        .permission("reports:read", &["GET /v1/reports/*"], &["owner"])
        .issued(CI, issuance(1, &["reports:read"]))
        .gate();
    let (text, asked) = (text(1), names(&["reports:read", "tokens:read"]));
    let endpoint = Some(crate::gate::AskedEndpoint { method: "GET", path: "/v1/reports/7" });
    let decide = |permissions| {
        let question = Question { token: &text, asker: Asker::Platform, permissions, endpoint };
        opened(gate.decide(&question, NOON).unwrap()).code
    };
    assert_eq!(decide(&asked[..1]), Code::Valid);
    assert_eq!(decide(&asked), Code::InsufficientPermissions);
}

#[test]
fn a_secret_under_an_older_pepper_still_proves() {
    let issued = Issuance { secret: secret_under(&pepper("k1"), Kind::Pat, 1), ..issuance(1, &["*"]) };
    assert_eq!(code(&Story::of_two().issued(CI, issued).gate(), &text(1), NOON), Code::Valid);
}

#[test]
fn a_secret_under_a_pepper_that_is_not_there_damages_the_gate() {
    let issued = Issuance { secret: secret_under(&pepper("k9"), Kind::Pat, 1), ..issuance(1, &["*"]) };
    let story = Story::of_two().issued(CI, issued);
    let gate = new_gate();
    assert!(gate.apply(&story.events).is_err());
    let damage = gate.damage().unwrap();
    assert_eq!(damage.position, story.position());
    assert_eq!(damage.why, Misfit::PepperUnknown("k9".parse().unwrap()));
    let question = Question { token: "", asker: Asker::Platform, permissions: &[], endpoint: None };
    assert_eq!(gate.decide(&question, NOON), Err(damage.into()));
}

#[test]
fn a_denier_is_printed_as_its_id() {
    assert_eq!(Denier::Token(CI).to_string(), CI.to_string());
    assert_eq!(Denier::Holder(Holder::Operator).to_string(), "operator");
}
