//! Things of one kind: stored in chunks, found by id.

use super::{
    at::{At, Place},
    index::Index,
};
use crate::gate::Misfit;

/// Things of a chunk. A table grows by one chunk at a time, and nothing in it ever moves.
const CHUNK: usize = 4_096;

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
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { index: Index::default(), chunks: Vec::new() }
    }
}

impl<T: Row> Table<T> {
    /// The thing of that id, and its place.
    pub(crate) fn find(&self, id: T::Id) -> Option<At<T>> {
        self.index.find(T::bits(id), |it| self.at(it).is_some_and(|it| it.id() == id)).map(At::new)
    }

    /// The thing at a place.
    pub(crate) fn get(&self, at: At<T>) -> Option<&T> {
        self.at(at.place())
    }

    /// The thing at a place, to be changed; its id must stay.
    pub(crate) fn get_mut(&mut self, at: At<T>) -> Option<&mut T> {
        let index = at.place().index();
        self.chunks.get_mut(index / CHUNK)?.get_mut(index % CHUNK)
    }

    /// Some consecutive things, and all of them over the numbers 0, 1, 2 … until there are none.
    pub(crate) fn some(&self, number: usize) -> Option<&[T]> {
        self.chunks.get(number).map(Vec::as_slice)
    }

    /// All things, to be changed; their ids must stay.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten()
    }

    /// Adds a thing whose id is not in the table yet.
    ///
    /// # Errors
    /// When there is no number left.
    pub(crate) fn insert(&mut self, row: T) -> Result<At<T>, Misfit> {
        let full = self.chunks.len().saturating_sub(1) * CHUNK;
        let place = Place::from_index(full + self.chunks.last().map_or(0, Vec::len)).ok_or(Misfit::Full)?;
        self.index.insert(T::bits(row.id()), place);
        match self.chunks.last_mut().filter(|it| it.len() < CHUNK) {
            Some(chunk) => chunk.push(row),
            None => self.chunks.push(first_of_chunk(row)),
        }
        Ok(At::new(place))
    }

    fn at(&self, place: Place) -> Option<&T> {
        self.chunks.get(place.index() / CHUNK)?.get(place.index() % CHUNK)
    }
}

fn first_of_chunk<T>(row: T) -> Vec<T> {
    let mut chunk = Vec::with_capacity(CHUNK);
    chunk.push(row);
    chunk
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
        let mut table = Table::default();
        for number in 0..5_000 {
            table.insert(Number(number * 3)).unwrap();
        }
        for number in 0..15_000 {
            let found = table.find(number).and_then(|it| table.get(it)).map(|it| it.0);
            assert_eq!(found, Some(number).filter(|it| it % 3 == 0));
        }
    }
}
