//! Newest first or oldest first.

use eventlog::usage::Place;

use super::chapter::PLACE_BITS;
use super::page::RowPlace;
use super::segment::Segment;
use super::{Bounds, DecisionWalk};

/// Which way blocks and rows are gone through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// From the greatest place down.
    NewestFirst,
    /// From the least place up.
    OldestFirst,
}

impl Order {
    pub(super) const fn direction(self) -> &'static str {
        match self {
            Self::NewestFirst => "DESC",
            Self::OldestFirst => "ASC",
        }
    }

    /// The comparison that a number and all after it pass.
    pub(super) const fn or_beyond(self) -> &'static str {
        match self {
            Self::NewestFirst => "<=",
            Self::OldestFirst => ">=",
        }
    }

    /// Whether one place comes before another this way.
    pub(super) fn is_sooner<T: Ord>(self, one: &T, other: &T) -> bool {
        match self {
            Self::NewestFirst => other < one,
            Self::OldestFirst => one < other,
        }
    }

    /// The later of two.
    pub(super) fn later<T: Ord>(self, one: T, other: T) -> T {
        if self.is_sooner(&one, &other) { other } else { one }
    }

    /// The number of the chapter after that one, if there can be one.
    pub(super) fn after_chapter(self, number: u64) -> Option<u64> {
        match self {
            Self::NewestFirst => number.checked_sub(1),
            Self::OldestFirst => number.checked_add(1),
        }
    }

    /// The first place of a chapter this way.
    pub(super) fn start_of_chapter(self, number: u64) -> Place {
        let first = number << PLACE_BITS;
        match self {
            Self::NewestFirst => Place(first | ((1 << PLACE_BITS) - 1)),
            Self::OldestFirst => Place(first),
        }
    }

    /// The first place of a segment that may have rows beyond a bound, up to the last place of its lane.
    pub(super) fn start_within(self, segment: &Segment, bound: RowPlace, last: Place) -> Option<Place> {
        match self {
            Self::NewestFirst => {
                let end = if bound.row == 0 { bound.place.checked_sub(1)? } else { bound.place };
                let start = segment.last.min(last).min(Place(end));
                (segment.first <= start).then_some(start)
            }
            Self::OldestFirst => {
                let start = segment.first.max(Place(bound.place));
                (start <= segment.last.min(last)).then_some(start)
            }
        }
    }

    /// Whether a row lies beyond a bound.
    pub(super) fn is_beyond(self, bound: RowPlace, row: RowPlace) -> bool {
        match self {
            Self::NewestFirst => row < bound,
            Self::OldestFirst => bound <= row,
        }
    }

    /// Whether a block may have rows beyond a bound.
    pub(super) fn reaches(self, bound: RowPlace, place: Place) -> bool {
        match self {
            Self::NewestFirst => RowPlace { place: place.0, row: 0 } < bound,
            Self::OldestFirst => bound.place <= place.0,
        }
    }

    /// The bound before a row that was not seen.
    pub(super) fn before_row(self, row: RowPlace) -> RowPlace {
        match self {
            Self::NewestFirst => RowPlace { row: row.row.saturating_add(1), ..row },
            Self::OldestFirst => row,
        }
    }

    /// The bound before a place of which nothing was seen.
    pub(super) fn before(self, place: Place) -> RowPlace {
        match self {
            Self::NewestFirst => RowPlace { place: place.0.saturating_add(1), row: 0 },
            Self::OldestFirst => RowPlace { place: place.0, row: 0 },
        }
    }

    /// The bound of a lane of which all was seen.
    pub(super) fn end(self, last: Place) -> RowPlace {
        match self {
            Self::NewestFirst => RowPlace { place: 0, row: 0 },
            Self::OldestFirst => RowPlace { place: last.0.saturating_add(1), row: 0 },
        }
    }
}

impl DecisionWalk {
    pub(super) fn order(&self) -> Order {
        match self {
            Self::NewestFirst(_) => Order::NewestFirst,
            Self::OldestFirst(_) => Order::OldestFirst,
        }
    }

    /// From where on: what is kept to go on later, the same way.
    pub fn bounds(&self) -> &Bounds {
        match self {
            Self::NewestFirst(bounds) | Self::OldestFirst(bounds) => bounds,
        }
    }

    pub(super) fn on(&self, bounds: Bounds) -> Self {
        match self {
            Self::NewestFirst(_) => Self::NewestFirst(bounds),
            Self::OldestFirst(_) => Self::OldestFirst(bounds),
        }
    }
}
