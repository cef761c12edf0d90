//! Facts that this process has just made, for those in it who read them back a moment later.
//!
//! Whoever follows the log reads each record, opens its boxes and decodes it. Of what this very process appends, the
//! fact is at hand: it is kept here from before its append until its append is done with, and taken by who reads
//! exactly its bytes. The log alone says what is a fact and in which order: what is kept here and never read from
//! there, nobody ever sees.

use super::Written;
use domain::{fact::Recorded, ids::EventId};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// The facts on their way to the log, by the ids of their events.
#[derive(Default)]
pub struct Fresh {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    facts: HashMap<EventId, Made>,
    era: Era,
}

/// A fact and the record that was made of it. Cloning it copies nothing of either.
#[derive(Clone, Debug)]
pub struct Made {
    /// The fact.
    pub recorded: Arc<Recorded>,
    /// Its record.
    pub written: Written,
}

/// How often all was forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Era(u64);

/// What takes facts out again that nobody took: those of an append that failed, or was given up.
#[must_use = "the facts are kept as long as this is"]
pub struct Keeping<'a> {
    fresh: &'a Fresh,
    ids: Vec<EventId>,
}

impl Fresh {
    /// The present era; to be asked before the keys of what shall be kept.
    pub fn era(&self) -> Era {
        self.kept.lock().era
    }

    /// Keeps facts that were sealed with keys of that era; none if all was forgotten since:
    ///
    /// ```text
    /// t0  A: asks for ada's key         t1  B: forgets ada's key, then what is fresh
    /// t2  A: seals, and would keep ada's texts in clear where nobody would look for them
    /// ```
    ///
    /// A fact that would not be read back as it is is not kept.
    pub fn keep(&self, era: Era, made: impl IntoIterator<Item = Made>) -> Keeping<'_> {
        let mut kept = self.kept.lock();
        let mut ids = Vec::new();
        if kept.era == era {
            for made in made.into_iter().filter(|it| it.written.is_whole) {
                ids.push(made.recorded.id);
                kept.facts.insert(made.recorded.id, made);
            }
        }
        Keeping { fresh: self, ids }
    }

    /// The fact that exactly these bytes were made of in this process, if it is kept: whoever comes second decodes.
    pub fn take(&self, id: EventId, bytes: &[u8]) -> Option<Made> {
        let made = self.kept.lock().facts.remove(&id)?;
        (made.written.bytes == bytes).then_some(made)
    }

    /// Lets go of all, so that no text outlives its key here.
    pub fn forget(&self) {
        let mut kept = self.kept.lock();
        kept.era.0 += 1;
        kept.facts.clear();
    }
}

impl Drop for Keeping<'_> {
    fn drop(&mut self) {
        let mut kept = self.fresh.kept.lock();
        for id in &self.ids {
            kept.facts.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Unsealed, samples};
    use super::*;

    fn made() -> Made {
        let (_, sample) = samples::samples().swap_remove(4);
        let unsealed = Unsealed::of(&sample);
        let subjects: Vec<String> = unsealed.subjects().map(str::to_owned).collect();
        let written = unsealed.seal(&samples::keys(&subjects), &samples::Counting::default()).unwrap();
        Made { recorded: Arc::new(sample), written }
    }

    #[test]
    fn what_is_kept_is_taken_once_by_who_has_its_bytes() {
        let (fresh, made) = (Fresh::default(), made());
        let (id, bytes) = (made.recorded.id, made.written.bytes.clone());
        let _keeping = fresh.keep(fresh.era(), [made.clone()]);
        assert_eq!(fresh.take(id, &bytes).unwrap().recorded, made.recorded);
        assert!(fresh.take(id, &bytes).is_none());
    }

    #[test]
    fn other_bytes_under_the_same_id_are_another_record() {
        let (fresh, made) = (Fresh::default(), made());
        let _keeping = fresh.keep(fresh.era(), [made.clone()]);
        assert!(fresh.take(made.recorded.id, &made.written.bytes[1..]).is_none());
    }

    #[test]
    fn nothing_stays_when_an_append_is_over() {
        let (fresh, made) = (Fresh::default(), made());
        drop(fresh.keep(fresh.era(), [made.clone()]));
        assert!(fresh.take(made.recorded.id, &made.written.bytes).is_none());
    }

    #[test]
    fn what_was_sealed_before_all_was_forgotten_is_not_kept() {
        let (fresh, made) = (Fresh::default(), made());
        let era = fresh.era();
        let _before = fresh.keep(era, [made.clone()]);
        fresh.forget();
        assert!(fresh.take(made.recorded.id, &made.written.bytes).is_none());
        let _after = fresh.keep(era, [made.clone()]);
        assert!(fresh.take(made.recorded.id, &made.written.bytes).is_none());
    }

    #[test]
    fn where_nobody_owns_an_address_it_is_not_read_back_so_the_fact_is_not_kept() {
        let (_, sample) = samples::samples().swap_remove(4);
        assert!(sample.request.as_ref().is_some_and(|it| it.ip.is_some()));
        let nobody = Recorded { actor: domain::actor::Actor::system("test"), ..sample };
        let unsealed = Unsealed::of(&nobody);
        let subjects: Vec<String> = unsealed.subjects().map(str::to_owned).collect();
        let keys = samples::keys(&subjects);
        let written = unsealed.seal(&keys, &samples::Counting::default()).unwrap();
        let read = super::super::Sealed::parse(&written.bytes).unwrap().open(&keys).unwrap();
        assert_ne!(read, nobody);
        let fresh = Fresh::default();
        let bytes = written.bytes.clone();
        let made = Made { recorded: Arc::new(nobody), written };
        let id = made.recorded.id;
        let _keeping = fresh.keep(fresh.era(), [made]);
        assert!(fresh.take(id, &bytes).is_none());
    }
}
