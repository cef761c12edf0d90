use domain::ids::{MemberId, OrganizationId};
use domain::secret::{Brand, Kind, SecretText};
use domain::token::Texts;
use eventlog::Position;
use serde_json::{Value, json};

use super::AUDIT;
use crate::audit::{AuditEvent, AuditFilter, AuditQueries, AuditQuery, Personal, Reach, Sight, Thing, Walk};
use crate::runner::check::Running;
use crate::testing::{Ledger, Wish};

const NEWEST: Walk = Walk::NewestFirst { before: None };

async fn found(ledger: &Ledger, running: &Running, filter: AuditFilter) -> Vec<AuditEvent> {
    seen(ledger, running, filter, Sight::Whole).await
}

async fn seen(ledger: &Ledger, running: &Running, filter: AuditFilter, sight: Sight) -> Vec<AuditEvent> {
    running.catch_up(ledger).await;
    let query = AuditQuery { reach: Reach::Everything, filter, sight, walk: NEWEST, limit: 100 };
    AuditQueries::new(running.view()).search(&query).await.unwrap().events
}

async fn acme(ledger: &Ledger) -> (OrganizationId, MemberId) {
    ledger.organization("acme").await
}

#[tokio::test]
async fn an_event_says_who_did_what_to_what_from_where() {
    let ledger = Ledger::new();
    let acme = acme(&ledger).await;
    let texts = Texts { name: "ci".to_owned(), tags: vec!["prod".to_owned()], ..Texts::default() };
    let token = ledger.issue(7, acme, &Wish { texts, ..Wish::named("") }).await;
    let running = Running::start(AUDIT, &ledger);
    let events = found(&ledger, &running, AuditFilter::default()).await;
    let event = &events[0];
    assert_eq!((event.position, event.kind.as_str()), (Position(3), "token.issued.v1"));
    assert_eq!((event.organization, event.recorded_at), (Some(acme.0), ledger.now()));
    assert_eq!((event.actor.who.kind.as_str(), &event.actor.who.id), ("member", &acme.1.to_string()));
    assert_eq!(event.target, token.to_string());
    assert_eq!(event.ip, Some("203.0.113.9".parse().unwrap()));
    assert_eq!(event.user_agent.as_deref(), Some("curl/8.5"));
    assert_eq!(event.whereabouts_subject, Some(acme.1.to_string()));
    assert_eq!((event.stream.as_str(), event.version), (format!("token-{token}").as_str(), 1));
    assert_eq!((event.personal, event.texts_subject.clone()), (Personal::Visible, Some(acme.0.to_string())));
    assert_eq!(event.data["texts"], json!({ "name": "ci", "tags": ["prod"] }));
    assert_eq!(event.data["secret"], json!({ "id": Ledger::secret_of(1) }), "no digest is shown");
    assert_eq!(event.data["scopes"], json!(["tokens:read"]));
    assert_eq!(events[1].data["personal"], json!({ "email": "ada@acme.test", "name": "Ada Lovelace" }));
    assert_eq!(events[1].personal_subject, Some(acme.1.to_string()));
}

#[tokio::test]
async fn a_token_is_found_by_pasting_any_of_its_secrets() {
    let ledger = Ledger::new();
    let acme = acme(&ledger).await;
    let token = ledger.issue(7, acme, &Wish::named("ci")).await;
    ledger.issue(8, acme, &Wish::named("other")).await;
    ledger.rotate(token, acme.1).await;
    ledger.revoke(token, acme.1, None).await;
    let running = Running::start(AUDIT, &ledger);
    for number in [1, 3] {
        let id = Ledger::secret_of(number);
        let text = SecretText::assemble(&Brand::default(), Kind::Pat, id, &[9; 24]).into_text_shown_once();
        let display = Brand::default().display(Kind::Pat, id);
        for pasted in [text.as_str(), &display, &id.to_string(), &token.to_string()] {
            let target = Some(Thing::pasted(pasted));
            let events = found(&ledger, &running, AuditFilter { target, ..AuditFilter::default() }).await;
            let kinds: Vec<&str> = events.iter().map(|it| it.kind.as_str()).collect();
            assert_eq!(kinds, ["token.revoked.v1", "token.secret_rotated.v1", "token.issued.v1"]);
        }
    }
    let target = Some(Thing::pasted(&Ledger::secret_of(99).to_string()));
    assert_eq!(found(&ledger, &running, AuditFilter { target, ..AuditFilter::default() }).await, []);
}

#[tokio::test]
async fn an_actor_is_found_by_its_id_and_by_the_token_it_presented() {
    let ledger = Ledger::new();
    let acme = acme(&ledger).await;
    ledger.issue(7, acme, &Wish::named("ci")).await;
    let running = Running::start(AUDIT, &ledger);
    let presented = domain::ids::TokenId::from_bits(0xC0DE).to_string();
    for actor in [acme.1.to_string(), presented] {
        let actor = Some(Thing::pasted(&actor));
        let events = found(&ledger, &running, AuditFilter { actor, ..AuditFilter::default() }).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, "token.issued.v1");
    }
}

#[tokio::test]
async fn what_was_erased_says_so_and_the_event_stays() {
    let ledger = Ledger::new();
    let acme = acme(&ledger).await;
    ledger.issue(7, acme, &Wish::named("ci")).await;
    ledger.keyring.forget(&acme.1.to_string()).await.unwrap();
    ledger.feed.forget_decoded();
    let running = Running::start(AUDIT, &ledger);
    let events = found(&ledger, &running, AuditFilter::default()).await;
    let [issued, added, registered] = events.as_slice() else { panic!("three events") };
    assert_eq!((issued.ip, issued.user_agent.as_deref(), issued.personal), (None, None, Personal::Erased));
    assert_eq!(issued.data["texts"]["name"], "ci", "the texts are the organisation's");
    assert_eq!((&added.data["personal"], added.personal), (&Value::from("erased"), Personal::Erased));
    assert_eq!(registered.data["personal"], "erased");
    assert_eq!(registered.data["texts"]["slug"], "acme");
    let q = Some("Lovelace".to_owned());
    assert_eq!(found(&ledger, &running, AuditFilter { q, ..AuditFilter::default() }).await, []);
}

#[tokio::test]
async fn personal_data_is_kept_from_who_may_not_see_it() {
    let ledger = Ledger::new();
    acme(&ledger).await;
    let running = Running::start(AUDIT, &ledger);
    let event = seen(&ledger, &running, AuditFilter::default(), Sight::WithoutPersonal).await.remove(0);
    assert_eq!((event.ip, event.user_agent, event.personal), (None, None, Personal::Hidden));
    assert_eq!(event.data["personal"], "hidden");
}

#[tokio::test]
async fn who_may_not_read_personal_data_cannot_find_by_it() {
    let ledger = Ledger::new();
    let acme = acme(&ledger).await;
    ledger.issue(7, acme, &Wish::named("ci")).await;
    let running = Running::start(AUDIT, &ledger);
    let by_word = |word: &str| AuditFilter { q: Some(word.to_owned()), ..AuditFilter::default() };
    let by_address = |block: &str| AuditFilter { ip: Some(block.parse().unwrap()), ..AuditFilter::default() };
    for filter in [
        by_word("lovelace"),
        by_word("ada@acme"),
        by_word("203.0.113"),
        by_word("curl"),
        by_address("203.0.113.9/32"),
        by_address("0.0.0.0/0"),
    ] {
        assert!(!found(&ledger, &running, filter.clone()).await.is_empty(), "{filter:?}");
        let seen = seen(&ledger, &running, filter.clone(), Sight::WithoutPersonal).await;
        assert_eq!(seen, [], "{filter:?}");
    }
    assert_eq!(seen(&ledger, &running, by_word("ci"), Sight::WithoutPersonal).await.len(), 1);
}

#[tokio::test]
async fn pages_go_on_from_a_position_whatever_happens_meanwhile() {
    let ledger = Ledger::new();
    for name in ["a:read", "b:read", "c:read"] {
        ledger.permission(name).await;
    }
    let running = Running::start(AUDIT, &ledger);
    running.catch_up(&ledger).await;
    let queries = AuditQueries::new(running.view());
    let filter = AuditFilter::default();
    let mut query =
        AuditQuery { reach: Reach::Platform, filter, sight: Sight::Whole, walk: NEWEST, limit: 2 };
    let first = queries.search(&query).await.unwrap();
    assert_eq!(first.position, Position(3));
    ledger.permission("d:read").await;
    running.catch_up(&ledger).await;
    query.walk = first.next.unwrap();
    let second = queries.search(&query).await.unwrap();
    assert_eq!(second.events.iter().map(|it| it.target.as_str()).collect::<Vec<_>>(), ["a:read"]);
    assert_eq!(second.next, None);
}
