//! How facts enter the gate: in order, and all of a page at once.

use std::sync::Arc;

use domain::fact::Recorded;
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
        self.apply_facts(events.iter().map(|it| (it.position, it.recorded.as_ref())))
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
