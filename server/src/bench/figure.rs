//! One figure: ours, the baseline's, their ratio, and what it must reach.

use std::fmt;

use super::rounds::Spread;

/// One line of the results.
pub(super) struct Figure {
    /// What was measured.
    pub(super) what: String,
    /// Ours, with its unit.
    pub(super) ours: String,
    /// The baseline's, with its unit, and what it is.
    pub(super) baseline: String,
    /// Ours by the baseline's, over the rounds.
    pub(super) ratio: Spread,
    /// What the ratio must reach.
    pub(super) reach: Reach,
}

/// What a ratio must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reach {
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
    /// Told beside others, and held to nothing.
    Told,
}

impl Figure {
    /// Whether the median reaches it, or by how much of the reach it does not.
    pub(super) fn verdict(&self) -> String {
        let ratio = self.ratio.median;
        let missed = match self.reach {
            Reach::Told => return "told".to_owned(),
            Reach::AtLeast(reach) => 1.0 - ratio / reach,
            Reach::AtMost(reach) => ratio / reach - 1.0,
        };
        if missed <= 0.0 {
            "reached".to_owned()
        } else {
            // A whole per cent stays one, however a float falls beside it.
            format!("missed by {:.0} %", (missed * 100.0 - 1e-9).ceil())
        }
    }

    /// What it must reach, in words.
    pub(super) fn reach(&self) -> String {
        match self.reach {
            Reach::Told => "–".to_owned(),
            Reach::AtLeast(reach) => format!("at least {reach}"),
            Reach::AtMost(reach) => format!("at most {reach}"),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, ours, baseline, ratio, .. } = self;
        write!(f, "{what}: {ours} by {baseline} = {ratio}")?;
        match self.reach {
            Reach::Told => Ok(()),
            Reach::AtLeast(_) | Reach::AtMost(_) => write!(f, ", {}: {}", self.reach(), self.verdict()),
        }
    }
}

/// A number with a comma after each three digits, without fraction.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if 0 < at && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(median: f64, reach: Reach) -> Figure {
        let ratio = Spread { least: median, median, most: median };
        Figure { what: String::new(), ours: String::new(), baseline: String::new(), ratio, reach }
    }

    #[test]
    fn a_verdict_says_by_how_much_of_the_reach_a_ratio_misses_it() {
        assert_eq!(figure(0.92, Reach::AtLeast(0.9)).verdict(), "reached");
        assert_eq!(figure(0.72, Reach::AtLeast(0.9)).verdict(), "missed by 20 %");
        assert_eq!(figure(1.9, Reach::AtMost(2.0)).verdict(), "reached");
        assert_eq!(figure(2.01, Reach::AtMost(2.0)).verdict(), "missed by 1 %");
        assert_eq!(figure(9.0, Reach::Told).verdict(), "told");
    }

    #[test]
    fn numbers_are_grouped_by_three_digits() {
        assert_eq!([0.4, 999.0, 1_000.4, 1_234_567.0].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
