//! How facts enter the gate: in order, and all of a page at once.

use std::sync::Arc;

use eventlog::Position;
use parking_lot::RwLockUpgradableReadGuard;

use super::{ApplyError, Damage, Gate, peppers::Peppers, tables::Tables};
use crate::feed::Event;

impl Gate {
    /// Applies facts, which are consecutive; those that were applied before are skipped. All who ask see all of
    /// them or none.
    ///
    /// # Errors
    /// When a position is missing, then nothing is applied; when a fact does not fit, then the gate answers
    /// nothing any more.
    pub fn apply(&self, events: &[Arc<Event>]) -> Result<(), ApplyError> {
        let tables = self.tables.upgradable_read();
        tables.sound()?;
        let applied = tables.position;
        let fresh = events.iter().map(AsRef::as_ref).skip_while(|it: &&Event| it.position <= applied);
        check_consecutive(applied, fresh.clone().map(|it| it.position))?;
        // What depends on the catalogue is worked out beside the readers, who go on meanwhile.
        let catalogue = tables.rulebook.catalogue_after(fresh.clone().map(|it| it.recorded.as_ref()));
        let rulebook = catalogue.map(|it| tables.rulebook.under(it));
        let mut tables = RwLockUpgradableReadGuard::upgrade(tables);
        let outdated = rulebook.map(|it| std::mem::replace(&mut tables.rulebook, it));
        let outcome = tables.apply_all(fresh, &self.peppers);
        drop(tables);
        drop(outdated);
        outcome.map_err(ApplyError::Damaged)
    }
}

impl Tables {
    fn apply_all<'a>(
        &mut self,
        events: impl Iterator<Item = &'a Event>,
        peppers: &Peppers,
    ) -> Result<(), Damage> {
        for Event { position, leaf, recorded, .. } in events {
            if let Err(why) = self.apply(recorded, peppers) {
                let damage = Damage { position: *position, why };
                self.damage = Some(damage.clone());
                return Err(damage);
            }
            (self.position, self.leaf) = (*position, *leaf);
            self.log_time = self.log_time.max(recorded.recorded_at);
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
