//! Facts that cannot be folded, where nothing of security depends on the view.

use std::sync::Arc;

use domain::ids::JobId;
use eventlog::Position;
use proptest::prelude::*;

use super::counts::{Count, Counts, facts_seen};
use crate::feed::Event;
use crate::runner::check::{Cut, Running, check_rebuild, run, some_cuts};
use crate::runner::rows::parked::{PARKED_EVENTS, PARKED_KEYS};
use crate::runner::{
    Checkpoint, Dump, Key, Keys, OnPoison, Poison, Projection, Projector, RebuildState, Record, Rows, State,
    Table,
};
use crate::testing::{Ledger, Wish};

/// Counts, where a reset of the operators is poison to it and sets the platform's stream apart.
enum Parks {}

/// The same view in a program that knows of resets.
enum Knows {}

/// Counts each fact for its stream, and the organisation's facts for their organisation as well.
enum Shares {}

impl Projector for Parks {
    type Event = Event;
    const NAME: &'static str = "counts";
    const VERSION: u32 = 1;
    const ON_POISON: OnPoison = OnPoison::Park;
    const TABLES: &'static [Table] = Counts::<1>::TABLES;

    fn keys(event: &Event) -> Keys {
        Counts::<1>::keys(event)
    }

    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison> {
        Counts::<1>::apply(rows, event)
    }
}

fn add(rows: &mut Rows, stream: &str) -> Result<(), Poison> {
    let facts = rows.get::<Count>(stream)?.map_or(0, |it| it.facts) + 1;
    rows.put(Count { stream: stream.to_owned(), facts })
}

impl Projector for Knows {
    type Event = Event;
    const NAME: &'static str = "counts";
    const VERSION: u32 = 1;
    const ON_POISON: OnPoison = OnPoison::Park;
    const TABLES: &'static [Table] = Counts::<1>::TABLES;

    fn keys(event: &Event) -> Keys {
        Counts::<1>::keys(event)
    }

    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison> {
        add(rows, &event.recorded.stream.to_string())
    }
}

/// Each seventh fact is poison to it.
impl Projector for Shares {
    type Event = Event;
    const NAME: &'static str = "counts";
    const VERSION: u32 = 1;
    const ON_POISON: OnPoison = OnPoison::Park;
    const TABLES: &'static [Table] = Counts::<1>::TABLES;

    fn keys(event: &Event) -> Keys {
        let keys = Keys::none().changing::<Count>(event.recorded.stream.to_string());
        match event.recorded.organization {
            // Only some facts share a row, so that not all keys end up apart.
            Some(organization) if event.position.0.is_multiple_of(5) => {
                keys.changing::<Count>(organization.to_string())
            }
            Some(_) | None => keys,
        }
    }

    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison> {
        add(rows, &event.recorded.stream.to_string())?;
        if event.position.0.is_multiple_of(7) {
            return Err(Poison::Senseless("it is the seventh".to_owned()));
        }
        match event.recorded.organization {
            Some(organization) if event.position.0.is_multiple_of(5) => add(rows, &organization.to_string()),
            Some(_) | None => Ok(()),
        }
    }
}

fn parked(dump: &Dump) -> (usize, usize) {
    (dump.rows(PARKED_KEYS.name).count(), dump.rows(PARKED_EVENTS.name).count())
}

#[tokio::test]
async fn the_key_of_poison_is_set_apart_with_all_its_later_facts_and_others_go_on() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    ledger.reset_operators().await;
    ledger.permission("invoices:write").await;
    let acme = ledger.organization("acme").await;
    ledger.issue(1, acme, &Wish::named("ci")).await;
    let running = Running::start(Projection::of::<Parks>(), &ledger);
    let head = running.catch_up(&ledger).await;
    let status = running.handle.status();
    assert_eq!((status.state, status.position, status.parked), (State::Live, head, 1));
    let view = running.view();
    assert_eq!(
        facts_seen(&view).await,
        head.0 - 2,
        "the reset and what followed of its stream are put aside"
    );
    let why = view.query("SELECT id, since, why FROM counts.parked_keys", vec![]).await.unwrap();
    assert_eq!((why[0].text(0).unwrap(), why[0].int(1).unwrap()), ("streams platform", 2));
    assert_eq!(why[0].text(2).unwrap(), "nothing is known of resets");
    let events = view.query("SELECT id FROM counts.parked_events ORDER BY id", vec![]).await.unwrap();
    assert_eq!(events.len(), 2);
    assert!(view.sets_apart(&Key::of::<Count>("platform")).await.unwrap());
    assert!(!view.sets_apart(&Key::of::<Count>("other")).await.unwrap());
}

#[tokio::test]
async fn a_program_that_can_fold_what_was_put_aside_takes_it_up_at_its_start() {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    for name in ["invoices:write", "invoices:send"] {
        ledger.reset_operators().await;
        ledger.permission(name).await;
    }
    let old = Running::start(Projection::of::<Parks>(), &ledger);
    old.catch_up(&ledger).await;
    assert_eq!(old.handle.status().parked, 1);
    // The same program again folds no more than before.
    let same = Running::start_in(old.stop().await, Projection::of::<Parks>(), &ledger);
    same.catch_up(&ledger).await;
    let mut status = same.handle.status.clone();
    status.wait_for(|it| it.state == State::Live).await.unwrap();
    assert_eq!((same.handle.status().parked, facts_seen(&same.view()).await), (1, 1));
    let new = Running::start_in(same.stop().await, Projection::of::<Knows>(), &ledger);
    new.catch_up(&ledger).await;
    let mut status = new.handle.status.clone();
    status.wait_for(|it| it.state == State::Live).await.unwrap();
    assert_eq!((new.handle.status().parked, facts_seen(&new.view()).await), (0, 5));
    let left = new.view().query("SELECT id FROM counts.parked_events", vec![]).await.unwrap();
    assert!(left.is_empty());
    ledger.permission("invoices:pay").await;
    new.catch_up(&ledger).await;
    assert_eq!(facts_seen(&new.view()).await, 6);
}

#[tokio::test]
async fn a_rebuild_sets_the_same_keys_apart_and_is_identical() {
    let ledger = Ledger::new();
    ledger.reset_operators().await;
    ledger.organization("acme").await;
    let running = Running::start(Projection::of::<Parks>(), &ledger);
    running.catch_up(&ledger).await;
    running.handle.rebuild(JobId::from_bits(1)).unwrap();
    let mut status = running.handle.status.clone();
    status.wait_for(|_| running.handle.last_rebuild().unwrap().state != RebuildState::Running).await.unwrap();
    let RebuildState::Done { comparison, .. } = running.handle.last_rebuild().unwrap().state else {
        panic!()
    };
    assert!(comparison.is_identical());
    assert_eq!(running.handle.status().parked, 1);
}

#[tokio::test]
async fn a_fact_that_is_put_aside_sets_all_its_keys_apart() {
    enum Both {}
    impl Projector for Both {
        type Event = u8;
        const NAME: &'static str = "counts";
        const VERSION: u32 = 1;
        const ON_POISON: OnPoison = OnPoison::Park;
        const TABLES: &'static [Table] = Counts::<1>::TABLES;

        fn keys(event: &u8) -> Keys {
            let keys = Keys::none().changing::<Count>("a");
            if *event == 2 { Keys::none().changing::<Count>("b") } else { keys.changing::<Count>("b") }
        }

        fn apply(rows: &mut Rows, event: &u8) -> Result<(), Poison> {
            add(rows, "b")?;
            if *event == 1 { Err(Poison::NoRow(Key::of::<Count>("a"))) } else { Ok(()) }
        }
    }
    let projection = Projection::of::<Both>();
    let mut rows = Rows::complete();
    rows.fold_or_park(&projection, &[2, 2, 1, 2, 0, 2], &Checkpoint::START, Position(9)).unwrap();
    let dump = Dump::of(&rows);
    assert_eq!(parked(&dump), (2, 4), "both keys, and all facts from the poison on");
    let counted: Vec<u64> = dump.rows("streams").map(|it| Count::from_row(&it).unwrap().facts).collect();
    assert_eq!(counted, [2]);
    // In another page nothing is different.
    let mut next = Rows::with(rows.apart_then());
    next.fold_or_park(&projection, &[2], &Checkpoint::START, Position(10)).unwrap();
    assert_eq!(parked(&Dump::of(&next)), (0, 1));
    assert_eq!(next.apart_then().len(), 2);
    let none: Arc<_> = Rows::default().apart_then();
    assert!(none.is_empty());
}

/// What happens next.
async fn happen(ledger: &Ledger, steps: &[u8]) {
    let mut organizations = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        match step {
            0..2 => organizations.push(ledger.organization(&format!("o{number}")).await),
            2..4 => {
                ledger.reset_operators().await;
            }
            4..6 => {
                ledger.permission(&format!("p{number}:read")).await;
            }
            _ => {
                if let Some(organization) = organizations.get(usize::from(*step) % organizations.len().max(1))
                {
                    ledger.issue(1_000 + number as u128, *organization, &Wish::named("ci")).await;
                }
            }
        }
    }
}

async fn live_is_rebuilt(steps: &[u8], cuts: &[Cut]) {
    let ledger = Ledger::new();
    happen(&ledger, steps).await;
    let parks = check_rebuild(Projection::of::<Parks>(), &ledger, cuts).await;
    let shares = check_rebuild(Projection::of::<Shares>(), &ledger, cuts).await;
    let has_reset = steps.iter().any(|it| (2..4).contains(it));
    assert_eq!(has_reset, 0 < parked(&parks).0);
    let head = *ledger.feed.head().borrow();
    assert_eq!(7 <= head.0, 0 < parked(&shares).0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn in_20_histories_with_poison_the_live_view_is_the_rebuilt_one(
        steps in proptest::collection::vec(0_u8..12, 0..40),
        cuts in some_cuts(),
    ) {
        run(live_is_rebuilt(&steps, &cuts));
    }
}
