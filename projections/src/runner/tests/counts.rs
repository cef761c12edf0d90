//! A projection for tests: how many facts each stream has. A reset of the operators is poison to it.

use domain::fact::Fact;
use domain::platform;
use store::{Row, SqlError, Value};

use crate::feed::Event;
use crate::runner::{Id, Keys, Poison, Projector, Record, Rows, Table, View};

pub(super) struct Counts<const VERSION: u32>;

pub(super) struct Count {
    pub(super) stream: String,
    pub(super) facts: u64,
}

pub(super) const COUNTS: Table = Table {
    name: "streams",
    columns: &["stream", "facts"],
    ddl: "CREATE TABLE IF NOT EXISTS counts.streams (stream TEXT PRIMARY KEY NOT NULL, facts BIGINT NOT NULL)",
    indexes: &["CREATE INDEX IF NOT EXISTS streams_by_facts ON counts.streams (facts)"],
    personal: &[],
};

impl Record for Count {
    const TABLE: &'static Table = &COUNTS;

    fn id(&self) -> Id {
        self.stream.as_str().into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![self.stream.into(), self.facts.into()]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self { stream: row.text(0)?.to_owned(), facts: row.unsigned(1)? })
    }
}

impl<const VERSION: u32> Projector for Counts<VERSION> {
    type Event = Event;
    const NAME: &'static str = "counts";
    const VERSION: u32 = VERSION;
    const TABLES: &'static [Table] = &[COUNTS];

    fn keys(event: &Event) -> Keys {
        Keys::none().changing::<Count>(event.recorded.stream.to_string())
    }

    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison> {
        let stream = event.recorded.stream.to_string();
        let facts = rows.get::<Count>(stream.as_str())?.map_or(0, |it| it.facts) + 1;
        rows.put(Count { stream, facts })?;
        match event.recorded.fact {
            Fact::Platform(platform::Event::OperatorReset) => {
                Err(Poison::Senseless("nothing is known of resets".to_owned()))
            }
            Fact::Platform(platform::Event::PermissionRegistered(_))
            | Fact::Organization(_)
            | Fact::Member(_)
            | Fact::Token(_)
            | Fact::Subject(_)
            | Fact::UsageGap(_) => Ok(()),
        }
    }
}

/// How many facts readers see in all.
pub(super) async fn facts_seen(view: &View) -> u64 {
    let sql = "SELECT CAST(SUM(facts) AS BIGINT) FROM counts.streams";
    view.query(sql, vec![]).await.unwrap()[0].optional_unsigned(0).unwrap().unwrap_or_default()
}
