use crate::time::Timestamp;
use jiff::{ToSpan, civil::Date};
use std::{fmt, str::FromStr};

const DAY_US: i64 = 86_400_000_000;

const FIRST: Date = Date::constant(1970, 1, 1);

/// A day by UTC, from 1970-01-01 to 9999-12-31; printed as `2026-11-24`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// Why a text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written like 2026-11-24, from 1970 to 9999")]
pub struct DayError;

impl Day {
    /// The day of an instant.
    pub fn of(at: Timestamp) -> Self {
        // An instant lies between 1970 and 9999: some three million days.
        Self(i32::try_from(at.micros() / DAY_US).unwrap_or(i32::MAX))
    }

    /// The day after; the last day has none, and stays.
    #[must_use]
    pub fn next(self) -> Self {
        let next = Self(self.0.saturating_add(1));
        next.date().map_or(self, |_| next)
    }

    fn date(self) -> Option<Date> {
        FIRST.checked_add(self.0.days()).ok()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date().ok_or(fmt::Error)?)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let date: Date = text.parse().map_err(|_| DayError)?;
        let days = FIRST.until(date).map_err(|_| DayError)?.get_days();
        let day = if days < 0 { return Err(DayError) } else { Self(days) };
        // Only as it is printed: two spellings would be two subjects.
        if day.to_string() == text { Ok(day) } else { Err(DayError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_day_is_read_as_it_was_printed(micros in 0..=Timestamp::MAX.micros()) {
            let day = Day::of(Timestamp::from_micros(micros));
            prop_assert_eq!(day.to_string().parse(), Ok(day));
        }
    }

    #[test]
    fn the_first_day_and_the_last_are_days() {
        assert_eq!("1970-01-01".parse(), Ok(Day::of(Timestamp::EPOCH)));
        assert_eq!("9999-12-31".parse(), Ok(Day::of(Timestamp::MAX)));
    }

    #[test]
    fn after_the_last_day_there_is_none() {
        let days: [Day; 3] = ["2028-02-29", "2028-03-01", "9999-12-31"].map(|it| it.parse().unwrap());
        assert_eq!((days[0].next(), days[2].next()), (days[1], days[2]));
    }

    #[test]
    fn another_spelling_is_no_day() {
        for text in
            ["", "2026-11-31", "1969-12-31", "20261124", "2026-11-24T00:00", "2026-W48-2", " 2026-11-24"]
        {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
    }
}
