//! Facts that a projection cannot fold.

use super::{Key, MOST_KEYS};

/// What a projection does with a fact that it cannot fold. Nothing disappears from a view, and nothing looks current
/// that is not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnPoison {
    /// It stands still before it until somebody acts: what security depends on must not be without a fact.
    Halt,
    /// It sets the keys of the fact apart, says so wherever they are shown, and goes on.
    Park,
}

/// Why a fact cannot be folded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Poison {
    /// The fact changes a row that does not exist.
    #[error("there is no row {0}, which this fact changes")]
    NoRow(Key),
    /// A row does not read as what was written.
    #[error("the row {key} cannot be read: {why}")]
    Unreadable {
        /// Which row.
        key: Key,
        /// What is wrong with it.
        why: String,
    },
    /// The fold touches a row that it did not ask for: a mistake of the projector.
    #[error("the row {0} was not asked for")]
    NotAsked(Key),
    /// The fact concerns more rows than any may: a mistake of the projector.
    #[error("the fact concerns {0} rows, more than {MOST_KEYS}")]
    TooManyKeys(usize),
    /// The fact makes no sense to this projection.
    #[error("{0}")]
    Senseless(String),
}

impl Poison {
    /// The row that the trouble is about, where it is about one: what would be set apart.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::NoRow(key) | Self::Unreadable { key, .. } | Self::NotAsked(key) => Some(key),
            Self::TooManyKeys(_) | Self::Senseless(_) => None,
        }
    }
}
