/// A set of permissions, as places in the catalogue.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PermissionSet(Vec<u64>);

impl PermissionSet {
    /// No place at all.
    pub const EMPTY: &'static Self = &Self(Vec::new());

    /// Adds a place; says whether it is new.
    pub fn insert(&mut self, place: usize) -> bool {
        let (word, bit) = (place / 64, 1_u64 << (place % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0.get_mut(word).is_some_and(|it| {
            let new = *it & bit == 0;
            *it |= bit;
            new
        })
    }

    /// Whether the place is in the set.
    pub fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|it| it & (1 << (place % 64)) != 0)
    }

    /// Adds all places of another set.
    pub fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    /// The places that are in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(mine, theirs)| mine & theirs).collect())
    }

    /// Whether any place is in both sets; nothing is allocated.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(mine, theirs)| mine & theirs != 0)
    }

    /// Whether any place is in all three sets; nothing is allocated.
    pub fn meets_both(&self, one: &Self, other: &Self) -> bool {
        self.0.iter().zip(&one.0).zip(&other.0).any(|((a, b), c)| a & b & c != 0)
    }

    /// How many places are in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|it| it.count_ones() as usize).sum()
    }

    /// Whether no place is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|it| *it == 0)
    }

    /// The places, in order.
    pub fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.0.iter().enumerate();
        words.flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| word * 64 + bit)
        })
    }
}

impl FromIterator<usize> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Self {
        let mut set = Self::default();
        for place in places {
            set.insert(place);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_set, prelude::*};

    proptest! {
        #[test]
        fn it_behaves_like_a_set(a in btree_set(0_usize..200, 0..40), b in btree_set(0_usize..200, 0..40)) {
            let (mine, theirs): (PermissionSet, PermissionSet) = (a.iter().copied().collect(), b.iter().copied().collect());
            let both: Vec<usize> = a.intersection(&b).copied().collect();
            prop_assert_eq!(mine.and(&theirs).places().collect::<Vec<_>>(), both.clone());
            prop_assert_eq!(mine.meets(&theirs), !both.is_empty());
            let mut either = mine.clone();
            either.add(&theirs);
            prop_assert_eq!(either.places().collect::<Vec<_>>(), a.union(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(either.len(), a.union(&b).count());
        }
    }
}
