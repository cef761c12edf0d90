//! Where a block lies.

use std::{fmt, sync::Arc};

use super::{AppendError, LARGEST_BLOCK};

/// One ordered sequence of blocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Lane(pub u16);

impl fmt::Display for Lane {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// The place of a block in its lane: ascending, not dense; 0 is before the first block. Where days
/// are kept apart it is day × 2³² + rank in the day, the day counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Place(pub u64);

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Place {
    /// The place of the block that comes after this one, on that day or, if that is over, on the
    /// last.
    #[must_use]
    pub fn following(self, day: u32) -> Self {
        let first = u64::from(day) << 32 | 1;
        Self(first.max(self.0.saturating_add(1)))
    }

    /// The rank of the block in its day, where days are kept apart.
    pub fn rank(self) -> u32 {
        u32::try_from(self.0 & u64::from(u32::MAX)).unwrap_or(u32::MAX)
    }

    /// The day that the block is kept with.
    pub fn day(self) -> u32 {
        u32::try_from(self.0 >> 32).unwrap_or(u32::MAX)
    }
}

/// A block to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewBlock {
    /// The day that it is kept with, counted from 1970-01-01: that of its first row. A lane's days
    /// do not go back: a block of an earlier day than the lane's last is kept with that one.
    pub day: u32,
    /// The block.
    pub bytes: Arc<[u8]>,
}

impl NewBlock {
    pub(super) fn check_size(&self) -> Result<(), AppendError> {
        let bytes = self.bytes.len();
        if (1..=LARGEST_BLOCK).contains(&bytes) {
            return Ok(());
        }
        Err(AppendError::Size { bytes, limit: LARGEST_BLOCK })
    }
}

/// A block as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredBlock {
    /// Where it lies.
    pub place: Place,
    /// The block, byte for byte as it was appended.
    pub bytes: Arc<[u8]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_ascend_within_a_day_and_over_days_and_days_do_not_go_back() {
        let first = Place(0).following(20_000);
        assert_eq!((first.day(), first.0 & 0xffff_ffff), (20_000, 1));
        let second = first.following(20_000);
        assert_eq!((second.day(), second.0 & 0xffff_ffff), (20_000, 2));
        let next = second.following(20_001);
        assert_eq!((next.day(), next.0 & 0xffff_ffff), (20_001, 1));
        assert_eq!(next.following(20_000).day(), 20_001);
    }
}
