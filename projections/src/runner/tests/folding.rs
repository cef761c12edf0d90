//! What a fold may do.

use std::sync::Arc;

use eventlog::{Limit, Position};

use super::counts::{Count, Counts};
use crate::feed::Event;
use crate::runner::{Dump, Entry, Key, Keys, Poison, Projection, Projector, Record, Rows, Table};
use crate::testing::Ledger;

/// A projector whose fold is given.
macro_rules! projector {
    ($name:ident, $keys:expr, $apply:expr) => {
        enum $name {}

        impl Projector for $name {
            type Event = Event;
            const NAME: &'static str = "counts";
            const VERSION: u32 = 1;
            const TABLES: &'static [Table] = Counts::<1>::TABLES;

            fn keys(_: &Event) -> Keys {
                $keys
            }

            fn apply(rows: &mut Rows, _: &Event) -> Result<(), Poison> {
                let apply: fn(&mut Rows) -> Result<(), Poison> = $apply;
                apply(rows)
            }
        }
    };
}

async fn an_event() -> Arc<Event> {
    let ledger = Ledger::new();
    ledger.permission("invoices:read").await;
    let limit = Limit { records: 1, bytes: 0 };
    ledger.feed.page(Position(0), limit).await.unwrap().events[0].clone()
}

fn count(stream: &str) -> Count {
    Count { stream: stream.to_owned(), facts: 1 }
}

#[tokio::test]
async fn a_fold_that_must_find_a_row_and_finds_none_is_poison() {
    projector!(Finds, Keys::none().changing::<Count>("a"), |rows| rows.find::<Count>("a").map(drop));
    let folded = Rows::complete().fold(&Projection::of::<Finds>(), an_event().await.events());
    assert_eq!(folded, Err(Poison::NoRow(Key::of::<Count>("a"))));
}

#[tokio::test]
async fn a_fold_sees_and_touches_only_the_rows_that_it_asked_for() {
    projector!(Reads, Keys::none(), |rows| rows.get::<Count>("a").map(drop));
    projector!(Writes, Keys::none(), |rows| rows.put(count("a")));
    projector!(Removes, Keys::none(), |rows| rows.remove::<Count>("a"));
    projector!(ReadsMade, Keys::none().making::<Count>("a"), |rows| rows.get::<Count>("a").map(drop));
    let event = an_event().await;
    for projection in [
        Projection::of::<Reads>(),
        Projection::of::<Writes>(),
        Projection::of::<Removes>(),
        Projection::of::<ReadsMade>(),
    ] {
        let folded = Rows::complete().fold(&projection, event.events());
        assert_eq!(folded, Err(Poison::NotAsked(Key::of::<Count>("a"))));
    }
}

#[tokio::test]
async fn a_fact_that_concerns_too_many_rows_is_poison() {
    projector!(Many, (0..65).fold(Keys::none(), |keys, it| keys.making::<Count>(it.to_string())), |_| Ok(()));
    let folded = Rows::complete().fold(&Projection::of::<Many>(), an_event().await.events());
    assert_eq!(folded, Err(Poison::TooManyKeys(65)));
}

#[tokio::test]
async fn poison_changes_nothing_of_what_was_folded_before() {
    projector!(Good, Keys::none().making::<Count>("a"), |rows| rows.put(count("a")));
    projector!(Half, Keys::none().changing::<Count>("a").changing::<Count>("b"), |rows| {
        rows.remove::<Count>("a")?;
        rows.put(count("b"))?;
        rows.find::<Count>("a").map(drop)
    });
    let event = an_event().await;
    let mut rows = Rows::complete();
    rows.fold(&Projection::of::<Good>(), event.events()).unwrap();
    let before = Dump::of(&rows);
    assert_eq!(
        rows.fold(&Projection::of::<Half>(), event.events()),
        Err(Poison::NoRow(Key::of::<Count>("a")))
    );
    assert_eq!(Dump::of(&rows), before);
    assert_eq!(before.rows(Count::TABLE.name).count(), 1);
}
