//! The rows that the runner holds while it folds.

use std::collections::{BTreeSet, HashMap};

use store::{Row, SqlError};

use super::key::Use;
use super::{Id, Key, Keys, MOST_KEYS, Poison, Projection, Record};
use crate::feed::Event;

/// The rows of one page: those loaded, and those changed since. A fold sees just the rows that its fact
/// concerns, and changes all of them or none.
#[derive(Default)]
pub struct Rows {
    held: HashMap<Key, Held>,
    asked: Keys,
    staged: Vec<(Key, Option<Row>)>,
    /// Whether a row that is not held is known not to exist.
    complete: bool,
}

struct Held {
    row: Option<Row>,
    dirty: bool,
}

impl Rows {
    /// No row yet, and none anywhere else: for folding into memory.
    pub(super) fn complete() -> Self {
        Self { complete: true, ..Self::default() }
    }

    /// The row of that key.
    ///
    /// # Errors
    /// When there is none, or it was not asked for as one that is changed.
    pub fn find<R: Record>(&self, id: impl Into<Id>) -> Result<R, Poison> {
        let key = Key::of::<R>(id);
        self.read(&key)?.ok_or(Poison::NoRow(key))
    }

    /// The row of that key, if there is one.
    ///
    /// # Errors
    /// When it was not asked for as one that is changed.
    pub fn get<R: Record>(&self, id: impl Into<Id>) -> Result<Option<R>, Poison> {
        self.read(&Key::of::<R>(id))
    }

    /// Writes a row, whether or not there is one of its key.
    ///
    /// # Errors
    /// When it was not asked for.
    pub fn put<R: Record>(&mut self, record: R) -> Result<(), Poison> {
        self.stage(Key::of::<R>(record.id()), Some(Row::new(record.into_values())))
    }

    /// Removes a row, if there is one.
    ///
    /// # Errors
    /// When it was not asked for.
    pub fn remove<R: Record>(&mut self, id: impl Into<Id>) -> Result<(), Poison> {
        self.stage(Key::of::<R>(id), None)
    }

    /// Folds one fact: all that it changes, or nothing.
    pub(super) fn fold(&mut self, projection: &Projection, event: &Event) -> Result<(), Poison> {
        self.asked = (projection.keys)(event);
        self.staged.clear();
        if self.asked.len() > MOST_KEYS {
            return Err(Poison::TooManyKeys(self.asked.len()));
        }
        (projection.apply)(self, event)?;
        for (key, row) in self.staged.drain(..) {
            self.held.insert(key, Held { row, dirty: true });
        }
        Ok(())
    }

    /// The rows that these facts read and that are not held.
    pub(super) fn lacking<'a>(
        &self,
        projection: &Projection,
        events: impl Iterator<Item = &'a Event>,
    ) -> BTreeSet<Key> {
        let keys = events.map(projection.keys);
        let read = keys.flat_map(|it| it.read().cloned().collect::<Vec<_>>());
        read.filter(|it| !self.held.contains_key(it)).collect()
    }

    /// Holds what was loaded; what was asked for and not found is known not to exist.
    pub(super) fn load(&mut self, asked: BTreeSet<Key>, found: Vec<(Key, Row)>) {
        let held = |row| Held { row, dirty: false };
        self.held.extend(asked.into_iter().map(|key| (key, held(None))));
        self.held.extend(found.into_iter().map(|(key, row)| (key, held(Some(row)))));
    }

    /// All rows that were written or removed.
    pub(super) fn changed(&self) -> impl Iterator<Item = (&Key, Option<&Row>)> {
        self.held.iter().filter(|(_, held)| held.dirty).map(|(key, held)| (key, held.row.as_ref()))
    }

    fn read<R: Record>(&self, key: &Key) -> Result<Option<R>, Poison> {
        if self.asked.used(key) != Some(Use::Change) {
            return Err(Poison::NotAsked(key.clone()));
        }
        let staged = self.staged.iter().rev().find(|(it, _)| it == key).map(|(_, row)| row.as_ref());
        let row = match (staged, self.held.get(key)) {
            (Some(row), _) => row,
            (None, Some(held)) => held.row.as_ref(),
            (None, None) if self.complete => None,
            (None, None) => return Err(Poison::NotAsked(key.clone())),
        };
        row.map(R::from_row).transpose().map_err(|err| unreadable(key, &err))
    }

    fn stage(&mut self, key: Key, row: Option<Row>) -> Result<(), Poison> {
        match self.asked.used(&key) {
            Some(_) => self.staged.push((key, row)),
            None => return Err(Poison::NotAsked(key)),
        }
        Ok(())
    }
}

fn unreadable(key: &Key, err: &SqlError) -> Poison {
    Poison::Unreadable { key: key.clone(), why: err.to_string() }
}
