//! What a projection is to its runner.

use super::rows::parked::PARKED;
use super::{Keys, OnPoison, Poison, Rows, Table};
use crate::feed;

/// A pure fold of events into keyed rows.
///
/// The same events give the same rows, however they are cut into pages and however often the process
/// starts anew. A projector has no state and sees no clock, no engine and no other view.
pub trait Projector {
    /// What it folds: [`feed::Event`] for a view of the ledger, or what a [`Source`](super::Source) of the usage
    /// log gives.
    type Event;
    /// The name: `[a-z][a-z0-9_]*`. It names the tables in SQL.
    const NAME: &'static str;
    /// Grows whenever the tables or the fold change: the new version is built beside the old one.
    const VERSION: u32;
    /// What is done with a fact that cannot be folded.
    const ON_POISON: OnPoison = OnPoison::Halt;
    /// The tables.
    const TABLES: &'static [Table];

    /// The rows that an event concerns, at most [`MOST_KEYS`](super::MOST_KEYS).
    fn keys(event: &Self::Event) -> Keys;

    /// Folds an event into the rows that it concerns.
    ///
    /// # Errors
    /// When the event makes no sense: a row that must be there is not.
    fn apply(rows: &mut Rows, event: &Self::Event) -> Result<(), Poison>;
}

/// A projector as a value.
pub struct Projection<E = feed::Event> {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    pub(super) on_poison: OnPoison,
    pub(super) tables: &'static [Table],
    pub(super) keys: fn(&E) -> Keys,
    pub(super) apply: fn(&mut Rows, &E) -> Result<(), Poison>,
}

impl<E> Projection<E> {
    /// The projection of that projector.
    pub const fn of<P: Projector<Event = E>>() -> Self {
        Self {
            name: P::NAME,
            version: P::VERSION,
            on_poison: P::ON_POISON,
            tables: P::TABLES,
            keys: P::keys,
            apply: P::apply,
        }
    }

    /// What it keeps, whatever it folds.
    pub(super) const fn shape(&self) -> Shape {
        Shape { name: self.name, tables: self.tables }
    }
}

impl<E> Clone for Projection<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Projection<E> {}

/// What a projection keeps: all that SQL knows of it.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) tables: &'static [Table],
}

impl Shape {
    /// The tables of the projector, and those that every view has besides.
    pub(super) fn all_tables(&self) -> impl Iterator<Item = &'static Table> {
        self.tables.iter().chain(PARKED)
    }
}
