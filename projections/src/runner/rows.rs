//! The rows that the runner holds while it folds.

pub(super) mod parked;

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use store::{Row, SqlError};

use parked::Apart;

use super::key::Use;
use super::{Id, Key, Keys, MOST_KEYS, Poison, Projection, Record};

/// The rows of one page: those loaded, and those changed since. A fold sees just the rows that its event
/// concerns, and changes all of them or none.
#[derive(Default)]
pub struct Rows {
    held: HashMap<Key, Held>,
    asked: Keys,
    staged: Vec<(Key, Option<Row>)>,
    /// Whether a row that is not held is known not to exist.
    complete: bool,
    /// The keys that were set apart before this page.
    apart: Apart,
    /// Whether facts are put aside in this page.
    parks: bool,
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

    /// Folds the events of one entry: all that they change, or nothing.
    pub(super) fn fold<E>(&mut self, projection: &Projection<E>, events: &[E]) -> Result<(), Poison> {
        match events {
            [event] => self.step(projection, event, &mut |_, _| {}),
            events => self.fold_all(projection, events),
        }
    }

    fn fold_all<E>(&mut self, projection: &Projection<E>, events: &[E]) -> Result<(), Poison> {
        let mut undo = Vec::new();
        for event in events {
            let folded = self.step(projection, event, &mut |key, held| undo.push((key.clone(), held)));
            if let Err(poison) = folded {
                self.restore(undo);
                return Err(poison);
            }
        }
        Ok(())
    }

    /// Puts back what was held before, the last change first.
    fn restore(&mut self, undo: Vec<(Key, Option<Held>)>) {
        for (key, held) in undo.into_iter().rev() {
            match held {
                Some(held) => self.held.insert(key, held),
                None => self.held.remove(&key),
            };
        }
    }

    /// Folds one event, and tells which rows it replaced.
    fn step<E>(
        &mut self,
        projection: &Projection<E>,
        event: &E,
        replaced: &mut impl FnMut(&Key, Option<Held>),
    ) -> Result<(), Poison> {
        self.asked = (projection.keys)(event);
        self.staged.clear();
        if self.asked.len() > MOST_KEYS {
            return Err(Poison::TooManyKeys(self.asked.len()));
        }
        (projection.apply)(self, event)?;
        for (key, row) in self.staged.drain(..) {
            let held = Held { row, dirty: true };
            match self.held.entry(key) {
                Entry::Occupied(mut it) => {
                    let before = it.insert(held);
                    replaced(it.key(), Some(before));
                }
                Entry::Vacant(it) => {
                    replaced(it.key(), None);
                    it.insert(held);
                }
            }
        }
        Ok(())
    }

    /// The rows that these events read and that are not held.
    pub(super) fn lacking<'a, E: 'a>(
        &self,
        projection: &Projection<E>,
        events: impl Iterator<Item = &'a E>,
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

    /// Has all rows of a table become something else, or nothing.
    pub(super) fn revise(&mut self, table: &str, change: impl Fn(&Row) -> Option<Row>) {
        for (_, held) in self.held.iter_mut().filter(|(key, _)| key.table == table) {
            held.row = held.row.as_ref().and_then(&change);
        }
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
