//! Instants and lengths of time, in microseconds, as they stand on the wire and in the engines.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// An instant: whole microseconds since 1970-01-01T00:00:00Z, UTC. Printed as RFC 3339 with six decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an instant is written as RFC 3339, like 2026-05-03T12:00:00Z, between the years 1970 and 9999")]
pub struct TimestampError;

impl Timestamp {
    /// The first instant that can be said: 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The last instant that can be said: 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// From microseconds since the epoch, held within what can be printed.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < 0 {
            Self::EPOCH
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This much later, held within what can be printed.
    #[must_use]
    pub const fn plus(self, span: Lifespan) -> Self {
        Self::from_micros(self.0.saturating_add(span.0))
    }

    /// This much earlier, held within what can be printed.
    #[must_use]
    pub const fn minus(self, span: Lifespan) -> Self {
        Self::from_micros(self.0.saturating_sub(span.0))
    }

    /// How long from `earlier` until this instant; nothing where `earlier` is later.
    pub const fn since(self, earlier: Self) -> Lifespan {
        Lifespan(if earlier.0 < self.0 { self.0 - earlier.0 } else { 0 })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{instant:.6}")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        let micros = instant.as_microsecond();
        if (0..=Self::MAX.0).contains(&micros) { Ok(Self(micros)) } else { Err(TimestampError) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A length of time: whole microseconds, never negative. A day is 24 hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lifespan(i64);

/// Why a text is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a length of time is a number and d, h, m or s, like 90d, or ISO 8601, like P90D or PT15M, without months or years"
)]
pub struct LifespanError;

impl Lifespan {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Whole days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self::seconds(days.saturating_mul(86_400))
    }

    /// Whole hours.
    pub const fn hours(hours: i64) -> Self {
        Self::seconds(hours.saturating_mul(3_600))
    }

    /// Whole seconds; negative ones are none.
    pub const fn seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds; negative ones are none.
    pub const fn from_micros(micros: i64) -> Self {
        Self(if micros < 0 { 0 } else { micros })
    }

    /// Microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl FromStr for Lifespan {
    type Err = LifespanError;

    fn from_str(text: &str) -> Result<Self, LifespanError> {
        let span: Span = text.parse().map_err(|_| LifespanError)?;
        // Months and years have no fixed length: whoever means 30 days says so.
        if span.get_months() != 0 || span.get_years() != 0 {
            return Err(LifespanError);
        }
        let length: SignedDuration =
            span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| LifespanError)?;
        let micros = i64::try_from(length.as_micros()).map_err(|_| LifespanError)?;
        if micros < 0 { Err(LifespanError) } else { Ok(Self(micros)) }
    }
}

/// Printed as the largest unit that fits whole: `90d`, `24h`, `15m`, `30s`, else as ISO 8601.
impl fmt::Display for Lifespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400_000_000, 'd'), (3_600_000_000, 'h'), (60_000_000, 'm'), (1_000_000, 's')];
        match units.iter().find(|(size, _)| self.0 % size == 0) {
            Some((size, unit)) if self.0 != 0 => write!(f, "{}{unit}", self.0 / size),
            Some(_) => f.write_str("0s"),
            None => write!(f, "{}", SignedDuration::from_micros(self.0)),
        }
    }
}

impl fmt::Debug for Lifespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_instant_is_read_as_it_was_printed(micros in 0..=Timestamp::MAX.micros()) {
            let instant = Timestamp::from_micros(micros);
            prop_assert_eq!(instant.to_string().parse(), Ok(instant));
        }

        #[test]
        fn a_length_is_read_as_it_was_printed(micros in 0..=Timestamp::MAX.micros()) {
            let length = Lifespan::from_micros(micros);
            prop_assert_eq!(length.to_string().parse(), Ok(length));
        }
    }

    #[test]
    fn both_ways_of_writing_a_length_are_read() {
        for text in ["90d", "P90D", "2160h"] {
            assert_eq!(text.parse(), Ok(Lifespan::days(90)), "{text}");
        }
        assert_eq!("15m".parse(), Ok(Lifespan::seconds(900)));
        for bad in ["", "90", "-1d", "P1M", "1y", "ten days"] {
            assert_eq!(bad.parse::<Lifespan>(), Err(LifespanError), "{bad}");
        }
    }

    #[test]
    fn instants_are_written_with_six_decimals() {
        assert_eq!(Timestamp::from_micros(1_500_000).to_string(), "1970-01-01T00:00:01.500000Z");
    }

    #[test]
    fn instants_that_are_none_are_refused() {
        for bad in ["", "2026-05-03", "1969-12-31T23:59:59Z", "2026-05-03T12:00:00"] {
            assert_eq!(bad.parse::<Timestamp>(), Err(TimestampError), "{bad}");
        }
    }
}
