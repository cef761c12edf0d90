//! The gate: the view in memory that answers verifications.
//!
//! It is fed with all facts in order ([`GateFollower`]), holds of each just what a decision needs, and answers
//! from memory alone: one look-up finds the one secret version that a text can be, one HMAC proves it, and what
//! the token may do is compared as bits at the moment of the question. It does no disk I/O, holds no lock across
//! an await. What it decides is closed until it is recorded ([`Unrecorded`](schemas::usage::Unrecorded)). What does not fit, and being behind the ledger for longer than [`LEASE`], makes it refuse to answer
//! rather than guess.

mod ability;
mod apply;
mod authenticate;
mod columns;
mod credential;
mod damage;
mod decide;
mod decision;
mod follow;
mod freshness;
mod lookups;
mod peppers;
mod prove;
mod question;
mod snapshot;
mod status;
mod tables;
#[cfg(test)]
mod tests;

use domain::{secret::Brand, time::Timestamp};
use eventlog::Position;
use parking_lot::{RwLock, RwLockReadGuard};

pub use credential::{Credential, Refusal};
pub use damage::{ApplyError, Damage, Misfit, Unsound};
pub use decision::{Code, Decision, DeniedBy, Denier, Layer, Subject};
pub use follow::{GateFollower, ReachError};
pub use freshness::{Behind, LEASE};
pub use lookups::OrganizationEntry;
pub use peppers::Peppers;
pub use question::{AskedEndpoint, Asker, Question};
pub use snapshot::{Doubt, Frozen, Loaded, Seal, Snapshot, SnapshotKey, WriteError, Written};

use freshness::Freshness;
use tables::Tables;

/// The gate. It is shared by all who ask; one [`GateFollower`] feeds it.
pub struct Gate {
    brand: Brand,
    peppers: Peppers,
    tables: RwLock<Tables>,
    freshness: Freshness,
}

impl Gate {
    /// A gate that knows no fact yet, for secrets of that brand with digests under those peppers.
    pub fn new(brand: Brand, peppers: Peppers) -> Self {
        Self { brand, peppers, tables: RwLock::default(), freshness: Freshness::current() }
    }

    /// The peppers that it knows.
    pub fn peppers(&self) -> &Peppers {
        &self.peppers
    }

    /// The position of the last fact applied.
    pub fn position(&self) -> Position {
        self.tables.read().position
    }

    /// The greatest instant at which any fact applied was recorded: log time.
    pub fn log_time(&self) -> Timestamp {
        self.tables.read().log_time
    }

    /// The fact that did not fit, if there is one.
    pub fn damage(&self) -> Option<Damage> {
        self.tables.read().damage.clone()
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When a fact did not fit, or it has been behind the ledger for longer than [`LEASE`].
    pub fn sound(&self) -> Result<(), Unsound> {
        self.sound_tables().map(drop)
    }

    /// The tables, where questions may be answered from them.
    fn sound_tables(&self) -> Result<RwLockReadGuard<'_, Tables>, Unsound> {
        let tables = self.tables.read();
        tables.sound()?;
        self.freshness.check(tables.position)?;
        Ok(tables)
    }
}
