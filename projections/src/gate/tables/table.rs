//! Things of one kind, found by id.

use super::{at::At, chunks::Chunks, index::Index};
use crate::gate::Misfit;

/// A thing that a table finds.
pub(crate) trait Row {
    /// What names it.
    type Id: Copy + PartialEq;
    /// Its id.
    fn id(&self) -> Self::Id;
    /// The random bits of an id.
    fn bits(id: Self::Id) -> u128;
}

/// All things of one kind.
pub(crate) struct Table<T> {
    index: Index,
    rows: Chunks<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { index: Index::default(), rows: Chunks::default() }
    }
}

impl<T: Row> Table<T> {
    /// A table that will hold so many things.
    pub(crate) fn with_room_for(things: usize) -> Self {
        Self { index: Index::with_room_for(things), rows: Chunks::default() }
    }

    /// The thing of that id, and its place.
    pub(crate) fn find(&self, id: T::Id) -> Option<At<T>> {
        self.index.find(T::bits(id), |it| self.rows.at(it).is_some_and(|it| it.id() == id)).map(At::new)
    }

    /// The thing at a place.
    pub(crate) fn get(&self, at: At<T>) -> Option<&T> {
        self.rows.get(at)
    }

    /// All things, in the order of their places.
    pub(crate) fn rows(&self) -> &Chunks<T> {
        &self.rows
    }

    /// Adds a thing whose id is not in the table yet.
    ///
    /// # Errors
    /// When there is no number left.
    pub(crate) fn insert(&mut self, row: T) -> Result<At<T>, Misfit> {
        let bits = T::bits(row.id());
        let at = self.rows.push(row).ok_or(Misfit::Full)?;
        self.index.insert(bits, at.place());
        Ok(at)
    }
}

impl<T: Row + Clone> Table<T> {
    /// The thing at a place, to be changed; its id must stay.
    pub(crate) fn get_mut(&mut self, at: At<T>) -> Option<&mut T> {
        self.rows.get_mut(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Number(u128);

    impl Row for Number {
        type Id = u128;

        fn id(&self) -> u128 {
            self.0
        }

        fn bits(id: u128) -> u128 {
            id
        }
    }

    #[test]
    fn what_was_added_is_found_and_nothing_else() {
        for mut table in [Table::default(), Table::with_room_for(5_000)] {
            for number in 0..5_000 {
                table.insert(Number(number * 3)).unwrap();
            }
            for number in 0..15_000 {
                let found = table.find(number).and_then(|it| table.get(it)).map(|it| it.0);
                assert_eq!(found, Some(number).filter(|it| it % 3 == 0));
            }
        }
    }
}
