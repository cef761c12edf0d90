//! Places in a table: four bytes instead of a pointer or an id.

use std::{fmt, marker::PhantomData, num::NonZeroU32};

/// The place of a thing among others of its kind, counted from 0. A place or nothing takes four bytes too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Place(NonZeroU32);

impl Place {
    /// The place with that number, unless there are too many.
    pub(super) fn from_index(index: usize) -> Option<Self> {
        u32::try_from(index).ok()?.checked_add(1).and_then(NonZeroU32::new).map(Self)
    }

    /// Its number, counted from 0.
    pub(super) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A place of a `T`, which cannot be taken for a place of something else.
pub(crate) struct At<T>(Place, PhantomData<fn() -> T>);

impl<T> At<T> {
    pub(super) fn new(place: Place) -> Self {
        Self(place, PhantomData)
    }

    pub(super) fn place(self) -> Place {
        self.0
    }

    /// Its number, counted from 1.
    pub(crate) fn number(self) -> u32 {
        self.0.0.get()
    }

    /// The place of that number, counted from 1, where that is one of so many places.
    pub(crate) fn of_number(number: u32, places: usize) -> Option<Self> {
        let place = NonZeroU32::new(number).map(Place)?;
        (place.index() < places).then(|| Self::new(place))
    }
}

impl<T> Clone for At<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for At<T> {}

impl<T> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for At<T> {}

impl<T> fmt::Debug for At<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
