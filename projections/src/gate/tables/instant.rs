//! An instant or none, in eight bytes.

use domain::time::Timestamp;

/// An instant, or none: half the size of an `Option`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MaybeInstant(i64);

impl MaybeInstant {
    /// None: a number that no instant has.
    pub(crate) const NONE: Self = Self(i64::MAX);

    /// The instant.
    pub(crate) fn get(self) -> Option<Timestamp> {
        if self == Self::NONE { None } else { Some(Timestamp::from_micros(self.0)) }
    }

    /// Microseconds since the epoch; of none the greatest number there is.
    pub(crate) fn micros(self) -> i64 {
        self.0
    }

    /// What has those [`micros`](Self::micros), if anything can.
    pub(crate) fn from_micros(micros: i64) -> Option<Self> {
        let instant = Self(micros);
        (instant == Self::NONE || Timestamp::from_micros(micros).micros() == micros).then_some(instant)
    }

    /// Whether the instant has come. None never comes.
    pub(crate) fn has_come(self, now: Timestamp) -> bool {
        self.0 <= now.micros()
    }
}

impl From<Option<Timestamp>> for MaybeInstant {
    fn from(instant: Option<Timestamp>) -> Self {
        instant.map_or(Self::NONE, |it| Self(it.micros()))
    }
}

impl From<Timestamp> for MaybeInstant {
    fn from(instant: Timestamp) -> Self {
        Self(instant.micros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_instant_is_not_none() {
        assert_eq!(MaybeInstant::from(Timestamp::MAX).get(), Some(Timestamp::MAX));
        assert_eq!(MaybeInstant::from(None).get(), None);
        assert!(!MaybeInstant::NONE.has_come(Timestamp::MAX));
    }
}
