//! Things one after the other, found by place, that can be kept as they are while they change.

use std::sync::Arc;

use super::at::{At, Place};

/// Things of a chunk. One that is full is 128 KiB of tokens: little enough to be copied under a lock.
pub(crate) const CHUNK: usize = 1_024;

/// Things in chunks. Their places never change.
///
/// A clone takes time in proportion to the chunks, not to the things: full chunks are shared, and the first change
/// of one that is shared copies that chunk alone. So a copy of all can be written down while the gate goes on.
#[derive(Clone)]
pub(crate) struct Chunks<T> {
    full: Vec<Arc<[T]>>,
    /// Fewer than [`CHUNK`].
    last: Vec<T>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { full: Vec::new(), last: Vec::new() }
    }
}

impl<T> Chunks<T> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.len()
    }

    /// The thing at a place.
    pub(crate) fn get(&self, at: At<T>) -> Option<&T> {
        self.at(at.place())
    }

    pub(super) fn at(&self, place: Place) -> Option<&T> {
        let index = place.index();
        match self.full.get(index / CHUNK) {
            Some(chunk) => chunk.get(index % CHUNK),
            None => self.last.get(index.checked_sub(self.full.len() * CHUNK)?),
        }
    }

    /// All of them, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flat_map(|it| it.iter()).chain(&self.last)
    }

    /// Some consecutive things, and all of them over the numbers 0, 1, 2 … until there are none.
    pub(crate) fn some(&self, number: usize) -> Option<&[T]> {
        let last = || (number == self.full.len() && !self.last.is_empty()).then_some(&self.last[..]);
        self.full.get(number).map(AsRef::as_ref).or_else(last)
    }

    /// Adds a thing; nothing where there is no number left, and the thing is gone.
    pub(crate) fn push(&mut self, thing: T) -> Option<At<T>> {
        let place = Place::from_index(self.len())?;
        if self.last.capacity() == 0 {
            self.last.reserve_exact(CHUNK);
        }
        self.last.push(thing);
        if self.last.len() == CHUNK {
            self.full.push(std::mem::take(&mut self.last).into());
        }
        Some(At::new(place))
    }
}

impl<T: Clone> Chunks<T> {
    /// The thing at a place, to be changed.
    pub(crate) fn get_mut(&mut self, at: At<T>) -> Option<&mut T> {
        let index = at.place().index();
        let full = self.full.len() * CHUNK;
        match self.full.get_mut(index / CHUNK) {
            Some(chunk) => Arc::make_mut(chunk).get_mut(index % CHUNK),
            None => self.last.get_mut(index.checked_sub(full)?),
        }
    }

    /// All of them, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.full.iter_mut().flat_map(|it| Arc::make_mut(it).iter_mut()).chain(&mut self.last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(index: usize) -> At<usize> {
        At::new(Place::from_index(index).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_clone_stays_as_it_was_whatever_is_changed_and_added(
            count in 0_usize..3 * CHUNK, changed in prop::collection::vec(any::<prop::sample::Index>(), 0..20), added in 0..CHUNK,
        ) {
            let mut chunks = Chunks::default();
            (0..count).for_each(|it| assert!(chunks.push(it).is_some()));
            let kept = chunks.clone();
            for it in changed.iter().filter(|_| 0 < count) {
                *chunks.get_mut(at(it.index(count))).unwrap() = usize::MAX;
            }
            (0..added).for_each(|it| assert!(chunks.push(it).is_some()));
            prop_assert!(kept.iter().copied().eq(0..count));
            prop_assert_eq!((kept.len(), chunks.len()), (count, count + added));
            prop_assert_eq!(kept.get(at(count)), None);
            let some = (0..).map_while(|it| kept.some(it));
            prop_assert!(some.flatten().copied().eq(0..count));
            for it in 0..count {
                let is_changed = changed.iter().any(|index| index.index(count) == it);
                prop_assert_eq!(chunks.get(at(it)), Some(&if is_changed { usize::MAX } else { it }));
            }
        }
    }

    #[test]
    fn a_chunk_that_nobody_shares_is_changed_where_it_is() {
        let mut chunks = Chunks::default();
        (0..=CHUNK).for_each(|it| assert!(chunks.push(it).is_some()));
        let before = std::ptr::from_ref(chunks.get(at(0)).unwrap());
        *chunks.get_mut(at(0)).unwrap() = 7;
        assert!(std::ptr::eq(before, chunks.get(at(0)).unwrap()));
    }
}
