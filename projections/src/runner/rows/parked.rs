//! Keys that are set apart: what a view does with a fact that it cannot fold, where nothing of security depends on it.
//!
//! The fact is put aside, and so is each later one that concerns any of its keys: a key of a fact that is put aside
//! is set apart too, since its row lacks that fact. So the facts of such a key are put aside from one on, in order,
//! whatever pages they come in, and can be folded later as if nothing had been. Both lie in two tables that every
//! view has, written in the transaction that passes them.

use std::collections::HashSet;
use std::sync::Arc;

use eventlog::{Leaf, Position};
use store::{Row, Sql, SqlError, Statement, Value};

use super::super::projector::Shape;
use super::super::{Checkpoint, Id, Key, Keys, Poison, Projection, Record, Table};
use super::{Held, Rows};

/// The keys that are set apart.
pub(in crate::runner) const PARKED_KEYS: Table =
    Table { name: "parked_keys", columns: &["id", "since", "why"], ddl: "", indexes: &[], personal: &[] };

/// The facts that are put aside, in their order.
pub(in crate::runner) const PARKED_EVENTS: Table = Table {
    name: "parked_events",
    columns: &["id", "number", "position", "leaf", "logged_at", "resume"],
    ddl: "",
    indexes: &[],
    personal: &[],
};

/// The tables that every view has besides its own.
pub(in crate::runner) const PARKED: &[Table] = &[PARKED_KEYS, PARKED_EVENTS];

/// The texts of the keys that were set apart before a page.
pub(in crate::runner) type Apart = Arc<HashSet<String>>;

/// What was held before, to be put back.
type Undo = Vec<(Key, Option<Held>)>;

/// A fact that is put aside.
#[derive(Clone, Debug)]
pub(in crate::runner) struct ParkedEvent {
    /// Where its entry lies.
    at: Position,
    /// Which of the entry's facts it is.
    pub(in crate::runner) number: usize,
    /// Where a reader stands that reads the entry next.
    pub(in crate::runner) before: Checkpoint,
}

/// A key that is set apart.
struct ParkedKey {
    /// The key's text: its table, a blank, and its id there.
    key: String,
    /// The position of the first fact that was put aside for it.
    since: Position,
    /// Why that was.
    why: String,
}

/// The statements that make the tables where they are not there.
pub(in crate::runner) fn prepare(shape: &Shape) -> [Statement; 2] {
    let name = shape.name;
    let keys = format!(
        "CREATE TABLE IF NOT EXISTS {name}.parked_keys (\
         id TEXT PRIMARY KEY NOT NULL, since BIGINT NOT NULL, why TEXT NOT NULL)"
    );
    let events = format!(
        "CREATE TABLE IF NOT EXISTS {name}.parked_events (\
         id TEXT PRIMARY KEY NOT NULL, number BIGINT NOT NULL, position BIGINT NOT NULL, leaf BYTEA NOT NULL, \
         logged_at BIGINT NOT NULL, resume BYTEA NOT NULL)"
    );
    [Statement::new(keys, vec![]), Statement::new(events, vec![])]
}

/// The texts of all keys that are set apart.
pub(in crate::runner) async fn keys(shape: &Shape, sql: &dyn Sql) -> Result<HashSet<String>, SqlError> {
    let rows = sql.query(&format!("SELECT id FROM {}.parked_keys", shape.name), vec![]).await?;
    rows.iter().map(|it| it.text(0).map(str::to_owned)).collect()
}

/// At most so many facts that are put aside, in their order.
pub(in crate::runner) async fn events(
    shape: &Shape,
    sql: &dyn Sql,
    most: usize,
) -> Result<Vec<ParkedEvent>, SqlError> {
    let columns = PARKED_EVENTS.columns.join(", ");
    let text = format!("SELECT {columns} FROM {}.parked_events ORDER BY id LIMIT {most}", shape.name);
    sql.query(&text, vec![]).await?.iter().map(ParkedEvent::from_row).collect()
}

impl Rows {
    /// No row of a page yet, where these keys are set apart.
    pub(in crate::runner) fn with(apart: Apart) -> Self {
        Self { apart, ..Self::default() }
    }

    /// Folds the facts of one entry that lies at `at` and is read after `before`; what cannot be folded is put aside.
    ///
    /// # Errors
    /// When a row cannot be read: then nothing is changed.
    pub(in crate::runner) fn fold_or_park<E>(
        &mut self,
        projection: &Projection<E>,
        events: &[E],
        before: &Checkpoint,
        at: Position,
    ) -> Result<(), Poison> {
        let mut undo = Vec::new();
        // A fact changes all of its rows or none; only of several facts some may have to be taken back.
        let several = 1 < events.len();
        for (number, event) in events.iter().enumerate() {
            let fact = || ParkedEvent { at, number, before: before.clone() };
            if let Err(poison) = self.fold_one_or_park(projection, event, &fact, several.then_some(&mut undo))
            {
                self.restore(undo);
                return Err(poison);
            }
        }
        Ok(())
    }

    /// Folds a fact that was put aside, or puts it aside again.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub(in crate::runner) fn fold_again<E>(
        &mut self,
        projection: &Projection<E>,
        event: &E,
        fact: &ParkedEvent,
    ) -> Result<(), Poison> {
        self.fold_one_or_park(projection, event, &|| fact.clone(), None)
    }

    fn fold_one_or_park<E>(
        &mut self,
        projection: &Projection<E>,
        event: &E,
        fact: &impl Fn() -> ParkedEvent,
        mut undo: Option<&mut Undo>,
    ) -> Result<(), Poison> {
        let mut note = |key: &Key, held| {
            if let Some(undo) = &mut undo {
                undo.push((key.clone(), held));
            }
        };
        let why = match self.held_up(projection, event) {
            Some(key) => format!("a fact about {key} is put aside"),
            None => match self.step(projection, event, &mut note) {
                Ok(()) => return Ok(()),
                Err(poison @ Poison::Unreadable { .. }) => return Err(poison),
                Err(poison) => poison.to_string(),
            },
        };
        self.put_aside(&(projection.keys)(event), &fact(), &why, &mut note);
        Ok(())
    }

    /// The first key of a fact that is set apart.
    fn held_up<E>(&self, projection: &Projection<E>, event: &E) -> Option<Key> {
        if self.apart.is_empty() && !self.parks {
            return None;
        }
        (projection.keys)(event).all().find(|it| self.is_apart(it)).cloned()
    }

    fn is_apart(&self, key: &Key) -> bool {
        let text = key.to_string();
        self.apart.contains(&text) || self.held.get(&parked(&text)).is_some_and(|it| it.row.is_some())
    }

    fn put_aside(
        &mut self,
        keys: &Keys,
        fact: &ParkedEvent,
        why: &str,
        note: &mut impl FnMut(&Key, Option<Held>),
    ) {
        self.parks = true;
        for key in keys.all().filter(|it| !self.is_apart(it)).cloned().collect::<Vec<_>>() {
            let row = ParkedKey { key: key.to_string(), since: fact.at, why: why.to_owned() };
            self.write(&Key::of::<ParkedKey>(row.key.as_str()), Some(Row::new(row.into_values())), note);
        }
        let row = Row::new(fact.clone().into_values());
        self.write(&Key::of::<ParkedEvent>(fact.id()), Some(row), note);
    }

    /// Forgets what is put aside, so that it is folded anew.
    pub(in crate::runner) fn take_up(&mut self, keys: &HashSet<String>, events: &[ParkedEvent]) {
        for key in keys {
            self.write(&parked(key), None, &mut |_, _| {});
        }
        for event in events {
            self.write(&Key::of::<ParkedEvent>(event.id()), None, &mut |_, _| {});
        }
    }

    fn write(&mut self, key: &Key, row: Option<Row>, note: &mut impl FnMut(&Key, Option<Held>)) {
        let before = self.held.insert(key.clone(), Held { row, dirty: true });
        note(key, before);
    }

    /// How many facts are put aside in this page.
    pub(in crate::runner) fn put_aside_here(&self) -> usize {
        let facts = self.held.iter().filter(|(key, _)| key.table == PARKED_EVENTS.name);
        facts.filter(|(_, held)| held.row.is_some()).count()
    }

    /// The keys that are set apart once this page is written.
    pub(in crate::runner) fn apart_then(&self) -> Apart {
        if !self.parks {
            return Arc::clone(&self.apart);
        }
        let held = self.held.iter().filter(|(key, held)| key.table == PARKED_KEYS.name && held.row.is_some());
        let added = held.map(|(key, _)| key.id.to_string());
        Arc::new(self.apart.iter().cloned().chain(added).collect())
    }
}

/// Where the row lies that says that a key of this text is set apart.
fn parked(key: &str) -> Key {
    Key::of::<ParkedKey>(key)
}

impl Record for ParkedKey {
    const TABLE: &'static Table = &PARKED_KEYS;

    fn id(&self) -> Id {
        self.key.as_str().into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![self.key.into(), self.since.0.into(), self.why.into()]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            key: row.text(0)?.to_owned(),
            since: Position(row.unsigned(1)?),
            why: row.text(2)?.to_owned(),
        })
    }
}

impl Record for ParkedEvent {
    const TABLE: &'static Table = &PARKED_EVENTS;

    /// Sorted as text, ids are in the order of the facts.
    fn id(&self) -> Id {
        format!("{:020}.{:06}", self.at.0, self.number).into()
    }

    fn into_values(self) -> Vec<Value> {
        let id = Value::from(&self.id());
        let Checkpoint { position, leaf, logged_at, resume } = self.before;
        let number = u64::try_from(self.number).unwrap_or(u64::MAX);
        let (leaf, logged_at) = (leaf.0.into(), logged_at.micros().into());
        vec![id, number.into(), position.0.into(), leaf, logged_at, resume.into()]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let damaged =
            |what: &str| SqlError::Corrupt { message: format!("a fact that is put aside has no {what}") };
        let at = row.text(0)?.split('.').next().and_then(|it| it.parse().ok());
        let leaf = row.blob(3)?.try_into().map_err(|_| damaged("leaf"))?;
        Ok(Self {
            at: Position(at.ok_or_else(|| damaged("position"))?),
            number: usize::try_from(row.unsigned(1)?).map_err(|_| damaged("number"))?,
            before: Checkpoint {
                position: Position(row.unsigned(2)?),
                leaf: Leaf(leaf),
                logged_at: domain::time::Timestamp::from_micros(row.int(4)?),
                resume: bytes::Bytes::copy_from_slice(row.blob(5)?),
            },
        })
    }
}
