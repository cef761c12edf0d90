//! Finds things by their ids.

use std::hash::{BuildHasher, RandomState};

use super::at::Place;

/// So many shards, each grown by itself, so that no single fact waits for all to be moved.
const SHARDS: usize = 256;
/// Slots of a shard when its first thing comes.
const FIRST_SLOTS: usize = 8;

/// From ids to places, by open addressing. Ids are random already, so two secret numbers and one multiplication
/// are hash enough; the numbers keep callers from choosing ids that fall together.
///
/// A slot is eight bytes, and a look-up that finds its shard in the cache touches one line.
pub(super) struct Index {
    seeds: [u64; 2],
    shards: Vec<Shard>,
}

#[derive(Clone, Default)]
struct Shard {
    slots: Vec<Slot>,
    used: usize,
}

/// A place and half of the hash of its id; nothing where the slot is vacant.
#[derive(Clone, Copy, Default)]
struct Slot {
    tag: u32,
    place: Option<Place>,
}

impl Default for Index {
    fn default() -> Self {
        let state = RandomState::new();
        Self { seeds: [state.hash_one(0_u8), state.hash_one(1_u8)], shards: vec![Shard::default(); SHARDS] }
    }
}

impl Index {
    /// An index that will hold so many ids, so that none of its shards is likely to grow.
    pub(super) fn with_room_for(ids: usize) -> Self {
        // A shard has some more than its share: three standard deviations, as counts of random ids have.
        let share = ids / SHARDS;
        let wanted = if share == 0 { 0 } else { slots_for(share + 3 * share.isqrt()) };
        let shards = (0..SHARDS).map(|_| Shard { slots: vec![Slot::default(); wanted], used: 0 }).collect();
        Self { shards, ..Self::default() }
    }

    /// The place of the id, where `is_it` tells it from others with the same hash.
    pub(super) fn find(&self, id: u128, is_it: impl Fn(Place) -> bool) -> Option<Place> {
        let (shard, tag) = self.locate(id);
        self.shards.get(shard)?.find(tag, is_it)
    }

    /// Remembers the place of an id that is not in the index.
    pub(super) fn insert(&mut self, id: u128, place: Place) {
        let (shard, tag) = self.locate(id);
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.insert(Slot { tag, place: Some(place) });
        }
    }

    fn locate(&self, id: u128) -> (usize, u32) {
        let [one, other] = self.seeds;
        let (high, low) = ((id >> 64) as u64, low_half(id));
        let product = u128::from(low ^ one) * u128::from(high ^ other);
        let hash = (product >> 64) as u64 ^ low_half(product);
        ((hash >> 32) as usize % SHARDS, low_quarter(hash))
    }
}

/// The slots of a shard that ids fill to three quarters at most.
fn slots_for(ids: usize) -> usize {
    (ids * 4 / 3 + 1).next_power_of_two().max(FIRST_SLOTS)
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn low_half(wide: u128) -> u64 {
    wide as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn low_quarter(wide: u64) -> u32 {
    wide as u32
}

impl Shard {
    fn find(&self, tag: u32, is_it: impl Fn(Place) -> bool) -> Option<Place> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = tag as usize & mask;
        loop {
            let slot = self.slots.get(at)?;
            let place = slot.place?;
            if slot.tag == tag && is_it(place) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, slot: Slot) {
        // A quarter stays vacant: that is what ends a search, and keeps it short.
        if self.slots.len() * 3 <= self.used * 4 {
            self.grow();
        }
        self.put(slot);
        self.used += 1;
    }

    fn grow(&mut self) {
        let wanted = (self.slots.len() * 2).max(FIRST_SLOTS);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); wanted]);
        for slot in old.into_iter().filter(|it| it.place.is_some()) {
            self.put(slot);
        }
    }

    fn put(&mut self, new: Slot) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = new.tag as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.place.is_none() {
                *slot = new;
                return;
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_behaves_like_a_map(ids in prop::collection::btree_set(0_u128..5_000, 0..2_000), others in prop::collection::vec(0_u128..5_000, 100)) {
            let (mut index, mut map, ids) = (Index::default(), BTreeMap::new(), Vec::from_iter(ids));
            for (at, id) in ids.iter().enumerate() {
                let place = Place::from_index(at).unwrap();
                index.insert(*id, place);
                map.insert(*id, place);
            }
            for id in ids.iter().chain(&others) {
                prop_assert_eq!(index.find(*id, |it| ids[it.index()] == *id), map.get(id).copied());
            }
        }

        #[test]
        fn ids_that_share_a_hash_are_told_apart(count in 1_usize..300) {
            let mut shard = Shard::default();
            for at in 0..count {
                shard.insert(Slot { tag: 7, place: Place::from_index(at) });
            }
            for at in 0..count {
                prop_assert_eq!(shard.find(7, |it| it.index() == at), Place::from_index(at));
            }
            prop_assert_eq!(shard.find(7, |_| false), None);
        }
    }
}
