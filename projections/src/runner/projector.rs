//! What a projection is to its runner.

use super::{Keys, Poison, Rows, Table};
use crate::feed::Event;

/// A pure fold of facts into keyed rows.
///
/// The same facts give the same rows, however they are cut into pages and however often the process
/// starts anew. A projector has no state and sees no clock, no engine and no other view.
pub trait Projector {
    /// The name: `[a-z][a-z0-9_]*`. It names the tables in SQL.
    const NAME: &'static str;
    /// Grows whenever the tables or the fold change: the new version is built beside the old one.
    const VERSION: u32;
    /// The tables.
    const TABLES: &'static [Table];

    /// The rows that a fact concerns, at most [`MOST_KEYS`](super::MOST_KEYS).
    fn keys(event: &Event) -> Keys;

    /// Folds a fact into the rows that it concerns.
    ///
    /// # Errors
    /// When the fact makes no sense: a row that must be there is not.
    fn apply(rows: &mut Rows, event: &Event) -> Result<(), Poison>;
}

/// A projector as a value.
#[derive(Clone, Copy)]
pub struct Projection {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    pub(super) tables: &'static [Table],
    pub(super) keys: fn(&Event) -> Keys,
    pub(super) apply: fn(&mut Rows, &Event) -> Result<(), Poison>,
}

impl Projection {
    /// The projection of that projector.
    pub const fn of<P: Projector>() -> Self {
        Self { name: P::NAME, version: P::VERSION, tables: P::TABLES, keys: P::keys, apply: P::apply }
    }
}
