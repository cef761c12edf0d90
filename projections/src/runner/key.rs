//! Which rows a fact concerns.

use std::fmt;
use std::sync::Arc;

use eventlog::Position;
use store::Value;

use super::Record;

/// The most rows that one fact may concern. What concerns more is a projection of its own, joined when
/// asked.
pub const MOST_KEYS: usize = 64;

/// The key of a row in its table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Id {
    /// A number, such as a position.
    Int(i64),
    /// A text, such as a token's id.
    Text(Arc<str>),
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => number.fmt(out),
            Self::Text(text) => text.fmt(out),
        }
    }
}

impl From<&Id> for Value {
    fn from(id: &Id) -> Self {
        match id {
            Id::Int(number) => Self::Int(*number),
            Id::Text(text) => Self::Text(Arc::clone(text)),
        }
    }
}

impl From<Position> for Id {
    fn from(position: Position) -> Self {
        Self::Int(i64::try_from(position.0).unwrap_or(i64::MAX))
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// A row of a projection: its table's name and its key there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// The table.
    pub table: &'static str,
    /// The key in it.
    pub id: Id,
}

impl Key {
    /// The row of that key in the table of such records.
    pub fn of<R: Record>(id: impl Into<Id>) -> Self {
        Self { table: R::TABLE.name, id: id.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.table, self.id)
    }
}

/// What a fold does with a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    /// It reads it first, so the runner must have it.
    Change,
    /// It writes it without looking, so nothing is loaded.
    Make,
}

/// The rows that one fact concerns, at most [`MOST_KEYS`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keys(Vec<(Key, Use)>);

impl Keys {
    /// No row: the fact does not concern this projection.
    pub fn none() -> Self {
        Self::default()
    }

    /// And this row, which the fold reads, and may change or remove.
    #[must_use]
    pub fn changing<R: Record>(mut self, id: impl Into<Id>) -> Self {
        self.0.push((Key::of::<R>(id), Use::Change));
        self
    }

    /// And this row, which the fold writes or removes without reading it.
    #[must_use]
    pub fn making<R: Record>(mut self, id: impl Into<Id>) -> Self {
        self.0.push((Key::of::<R>(id), Use::Make));
        self
    }

    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is to be done with that row, if it is among them.
    pub(super) fn used(&self, key: &Key) -> Option<Use> {
        self.0.iter().find(|(it, _)| it == key).map(|(_, how)| *how)
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The rows that are read.
    pub(super) fn read(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(|(_, how)| *how == Use::Change).map(|(key, _)| key)
    }
}
