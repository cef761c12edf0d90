//! The gate: the view in memory that answers verifications.
//!
//! It is fed with all facts in order ([`GateFollower`]), holds of each just what a decision needs, and answers
//! from memory alone: one look-up finds the one secret version that a text can be, one HMAC proves it, and what
//! the token may do is compared as bits at the moment of the question. It does no disk I/O, holds no lock across
//! an await, and what does not fit makes it refuse to answer rather than guess.

mod ability;
mod authenticate;
mod credential;
mod damage;
mod decide;
mod decision;
mod follow;
mod lookups;
mod peppers;
mod question;
mod status;
mod tables;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{
    fact::Recorded,
    secret::{Brand, Digest, Presented},
};
use eventlog::Position;
use parking_lot::{RwLock, RwLockUpgradableReadGuard};
use subtle::ConstantTimeEq;

pub use credential::{Credential, Refusal};
pub use damage::{ApplyError, Damage, Misfit};
pub use decision::{Code, Decision, DeniedBy, Denier, Layer, Subject};
pub use follow::{GateFollower, ReachError};
pub use lookups::OrganizationEntry;
pub use peppers::Peppers;
pub use question::{AskedEndpoint, Asker, Question};

use crate::feed::Event;
use tables::{Secret, Tables, Token};

/// The gate. It is shared by all who ask; one [`GateFollower`] feeds it.
pub struct Gate {
    brand: Brand,
    peppers: Peppers,
    tables: RwLock<Tables>,
}

/// A secret version whose text was presented, and its token.
struct Proven<'t> {
    secret: &'t Secret,
    token: &'t Token,
}

impl Gate {
    /// A gate that knows no fact yet, for secrets of that brand with digests under those peppers.
    pub fn new(brand: Brand, peppers: Peppers) -> Self {
        Self { brand, peppers, tables: RwLock::default() }
    }

    /// The peppers that it knows.
    pub fn peppers(&self) -> &Peppers {
        &self.peppers
    }

    /// The position of the last fact applied.
    pub fn position(&self) -> Position {
        self.tables.read().position
    }

    /// Why it answers nothing, if a fact did not fit.
    pub fn damage(&self) -> Option<Damage> {
        self.tables.read().damage.clone()
    }

    /// Applies facts, which are consecutive; those that were applied before are skipped. All who ask see all of
    /// them or none.
    ///
    /// # Errors
    /// When a position is missing, then nothing is applied; when a fact does not fit, then the gate answers
    /// nothing any more.
    pub fn apply(&self, events: &[Arc<Event>]) -> Result<(), ApplyError> {
        self.apply_facts(events.iter().map(|it| (it.position, &it.recorded)))
    }

    fn apply_facts<'a>(
        &self,
        facts: impl Iterator<Item = (Position, &'a Recorded)> + Clone,
    ) -> Result<(), ApplyError> {
        let tables = self.tables.upgradable_read();
        tables.sound()?;
        let applied = tables.position;
        let fresh = facts.skip_while(|(position, _)| *position <= applied);
        check_consecutive(applied, fresh.clone().map(|(position, _)| position))?;
        // What depends on the catalogue is worked out beside the readers, who go on meanwhile.
        let catalogue = tables.rulebook.catalogue_after(fresh.clone().map(|(_, recorded)| recorded));
        let rulebook = catalogue.map(|it| tables.rulebook.under(it));
        let mut tables = RwLockUpgradableReadGuard::upgrade(tables);
        let outdated = rulebook.map(|it| std::mem::replace(&mut tables.rulebook, it));
        let outcome = tables.apply_all(fresh, &self.peppers);
        drop(tables);
        drop(outdated);
        outcome.map_err(ApplyError::Damaged)
    }

    /// The secret that a text is, and its token. Whatever text has the shape of one costs the same: a look-up, an
    /// HMAC and a comparison in constant time.
    fn prove<'t>(&self, tables: &'t Tables, text: &str) -> Option<Proven<'t>> {
        let presented = Presented::parse(text, &self.brand).ok()?;
        let secret = tables.secrets.find(presented.id).and_then(|it| tables.secrets.get(it));
        let pepper = secret.map_or(0, |it| it.pepper);
        let digest = digest_words(&self.peppers.digest(pepper, &presented)?);
        let expected = secret.map_or(&[0; 4], |it| &it.digest);
        let same: bool = digest.as_slice().ct_eq(expected).into();
        let secret = secret.filter(|_| same)?;
        Some(Proven { secret, token: tables.tokens.get(secret.token)? })
    }
}

impl Tables {
    fn apply_all<'a>(
        &mut self,
        facts: impl Iterator<Item = (Position, &'a Recorded)>,
        peppers: &Peppers,
    ) -> Result<(), Damage> {
        for (position, recorded) in facts {
            if let Err(why) = self.apply(recorded, peppers) {
                let damage = Damage { position, why };
                self.damage = Some(damage.clone());
                return Err(damage);
            }
            self.position = position;
        }
        Ok(())
    }
}

fn check_consecutive(applied: Position, positions: impl Iterator<Item = Position>) -> Result<(), ApplyError> {
    let mut expected = applied.next();
    for found in positions {
        if found != expected {
            return Err(ApplyError::Gap { expected, found });
        }
        expected = expected.next();
    }
    Ok(())
}

/// A digest in words of eight bytes, in whatever order this machine reads them.
fn digest_words(digest: &Digest) -> [u64; 4] {
    let mut words = [0; 4];
    let (bytes, _) = digest.bytes().as_chunks::<8>();
    for (word, bytes) in words.iter_mut().zip(bytes) {
        *word = u64::from_ne_bytes(*bytes);
    }
    words
}
