use std::sync::Arc;

use domain::erasable::Erasable::{Erased, Known};
use domain::fact::{Fact, Recorded};
use domain::{organization, token};
use eventlog::{Append, EventLog, Limit, MemoryLog, NewRecord, Position, ReadError, StreamName, Version};
use proptest::prelude::*;
use schemas::record::{Fresh, Made, Unsealed, encode, subjects};
use schemas::sealing::OsRandomness;

use super::{Event, Feed, FeedError};
use crate::testing::{Ledger, Wish, a_history};

const ALL: Limit = Limit { records: 10_000, bytes: 64 << 20 };

async fn all_of(feed: &Feed, records: usize) -> Vec<Arc<Event>> {
    let mut events: Vec<Arc<Event>> = Vec::new();
    loop {
        let after = events.last().map_or(Position(0), |it| it.position);
        let page = feed.page(after, Limit { records, bytes: 64 << 20 }).await.unwrap();
        if page.events.is_empty() {
            return events;
        }
        events.extend(page.events);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_it_is_paged_the_feed_is_the_whole_ledger_in_order(
        history in a_history(60), first in 1_usize..9, second in 1_usize..9,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ledger = Ledger::new();
            history.happen(&ledger).await;
            let one = all_of(&ledger.feed, first).await;
            let other = all_of(&ledger.feed, second).await;
            let fresh = Feed::new(ledger.log.clone(), ledger.keyring.clone());
            assert_eq!(one, other);
            assert_eq!(one, fresh.page(Position(0), ALL).await.unwrap().events);
            let positions: Vec<u64> = one.iter().map(|it| it.position.0).collect();
            let head = ledger.log.head().borrow().0;
            assert_eq!(positions, (1..=head).collect::<Vec<_>>());
        });
    }
}

#[tokio::test]
async fn what_this_process_has_made_is_what_others_decode() {
    let ledger = Ledger::new();
    ledger.organization("acme").await;
    let log = Arc::<MemoryLog>::default();
    let mut made = Vec::new();
    for event in ledger.feed.page(Position(0), ALL).await.unwrap().events {
        made.push(made_again(&ledger, &event.recorded).await);
        log.append(append_of(&made[made.len() - 1])).await.unwrap();
    }
    let fresh = Arc::<Fresh>::default();
    let facts: Vec<_> = made.iter().map(|it| it.recorded.clone()).collect();
    let _keeping = fresh.keep(fresh.era(), made);
    let knowing = Feed::new(log.clone(), ledger.keyring.clone()).knowing(Arc::clone(&fresh));
    let known = knowing.page(Position(0), ALL).await.unwrap().events;
    let decoded = Feed::new(log, ledger.keyring.clone()).page(Position(0), ALL).await.unwrap().events;
    assert_eq!(known, decoded);
    assert!(known.iter().zip(&facts).all(|(event, fact)| Arc::ptr_eq(&event.recorded, fact)));
}

#[tokio::test]
async fn what_is_forgotten_is_not_known_from_its_making() {
    let ledger = Ledger::new();
    let (acme, _) = ledger.organization("acme").await;
    let page = ledger.feed.page(Position(0), ALL).await.unwrap().events;
    let log = Arc::<MemoryLog>::default();
    let made = made_again(&ledger, &page[0].recorded).await;
    log.append(append_of(&made)).await.unwrap();
    let fresh = Arc::<Fresh>::default();
    let _keeping = fresh.keep(fresh.era(), [made]);
    let feed = Feed::new(log, ledger.keyring.clone()).knowing(Arc::clone(&fresh));
    ledger.keyring.forget(&acme.to_string()).await.unwrap();
    feed.forget_decoded();
    let read = feed.page(Position(0), ALL).await.unwrap().events;
    let Fact::Organization(organization::Event::Registered { label, .. }) = &read[0].recorded.fact else {
        panic!("another fact")
    };
    assert_eq!(*label, Erased);
}

async fn made_again(ledger: &Ledger, fact: &Arc<Recorded>) -> Made {
    let unsealed = Unsealed::of(fact);
    let subjects: Vec<&str> = unsealed.subjects().collect();
    let keys = ledger.keyring.keys_for_sealing(&subjects).await.unwrap();
    Made { recorded: Arc::clone(fact), written: unsealed.seal(&keys, &OsRandomness).unwrap() }
}

fn append_of(made: &Made) -> Append {
    let event_id = made.recorded.id.bits().to_be_bytes();
    Append {
        stream: StreamName::new(Arc::clone(&made.written.stream)),
        expected: Version(made.recorded.version - 1),
        records: vec![NewRecord { event_id, bytes: made.written.bytes.clone() }],
    }
}

#[tokio::test]
async fn whoever_reads_second_shares_what_was_decoded() {
    let ledger = Ledger::new();
    ledger.organization("acme").await;
    let first = ledger.feed.page(Position(0), ALL).await.unwrap();
    let second = ledger.feed.page(Position(1), ALL).await.unwrap();
    assert!(Arc::ptr_eq(&first.events[1], &second.events[0]));
    assert_eq!((first.head, second.head), (Position(2), Position(2)));
}

#[tokio::test]
async fn what_was_decoded_is_forgotten_so_that_an_erasure_holds_here_too() {
    let ledger = Ledger::new();
    let acme = ledger.organization("acme").await;
    ledger.issue(7, acme, &Wish::named("ci")).await;
    let texts = |events: &[Arc<Event>]| {
        let Fact::Token(token::Event::Issued(issuance)) = &events[2].recorded.fact else {
            panic!("another fact")
        };
        issuance.texts.known().map(|it| it.name.clone())
    };
    assert_eq!(texts(&all_of(&ledger.feed, 10).await), Some("ci".to_owned()));
    ledger.keyring.forget(&acme.0.to_string()).await.unwrap();
    ledger.feed.forget_decoded();
    let events = all_of(&ledger.feed, 10).await;
    assert_eq!(texts(&events), None);
    let request = events[2].recorded.request.as_ref().unwrap();
    assert!(matches!(request.ip, Some(Known(_))), "the member's address has a key of its own");
    ledger.keyring.forget(&acme.1.to_string()).await.unwrap();
    ledger.feed.forget_decoded();
    let events = all_of(&ledger.feed, 10).await;
    assert_eq!(events[2].recorded.request.as_ref().unwrap().ip, Some(Erased));
}

#[tokio::test]
async fn a_record_that_says_another_version_is_damage_where_it_stands() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let good = ledger.feed.page(Position(0), ALL).await.unwrap().events[0].recorded.as_ref().clone();
    let second = Recorded { version: 2, id: domain::ids::EventId::from_bits(99), ..good };
    let lie = Recorded { version: 7, ..second.clone() };
    let keys = ledger.keyring.keys_for_sealing(&subjects(&lie)).await.unwrap();
    ledger.append_bytes(&second, encode(&lie, &keys, &OsRandomness).unwrap()).await;
    let page = ledger.feed.page(Position(0), ALL).await.unwrap();
    assert_eq!(page.events.len(), 1, "the page ends before it");
    let err = ledger.feed.page(Position(1), ALL).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "the record at position 2 cannot be read: its `version` is another than the ledger's"
    );
}

#[tokio::test]
async fn bytes_that_are_no_record_are_damage() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let good = ledger.feed.page(Position(0), ALL).await.unwrap().events[0].recorded.as_ref().clone();
    let next = Recorded { version: 2, id: domain::ids::EventId::from_bits(99), ..good };
    ledger.append_bytes(&next, b"{}".to_vec()).await;
    let err = ledger.feed.page(Position(1), ALL).await.unwrap_err();
    assert!(matches!(err, FeedError::Damaged { position: Position(2), .. }), "{err}");
}

#[tokio::test]
async fn a_position_beyond_the_head_is_an_error() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    for _ in 0..2 {
        let err = ledger.feed.page(Position(2), ALL).await.unwrap_err();
        assert!(matches!(err, FeedError::Log(ReadError::Beyond { .. })), "{err}");
        ledger.feed.page(Position(0), ALL).await.unwrap();
    }
    assert!(ledger.feed.page(Position(1), ALL).await.unwrap().events.is_empty());
}
