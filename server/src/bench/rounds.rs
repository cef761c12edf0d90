//! Measures taken in turns, so that what else the machine does falls on all of them alike.

use std::fmt;

/// What `N` things gave in each round.
pub(super) struct Rounds<S, const N: usize>(Vec<[S; N]>);

/// A median with the least and the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    /// The least.
    pub(super) least: f64,
    /// The median.
    pub(super) median: f64,
    /// The most.
    pub(super) most: f64,
}

impl From<f64> for Spread {
    /// Of what was measured once.
    fn from(value: f64) -> Self {
        Self { least: value, median: value, most: value }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, median, most } = self;
        if least.total_cmp(most).is_eq() {
            return write!(f, "{median:.2}");
        }
        write!(f, "{median:.2} ({least:.2}–{most:.2})")
    }
}

/// Measures the things 0 to `N` in each round: forth in one round, back in the next.
///
/// # Errors
/// Where a measure has one.
pub(super) async fn in_turns<S, const N: usize>(
    rounds: u32,
    mut measure: impl AsyncFnMut(usize) -> anyhow::Result<S>,
) -> anyhow::Result<Rounds<S, N>> {
    let mut all = Vec::new();
    for round in 0..rounds {
        let mut samples = Vec::with_capacity(N);
        for turn in 0..N {
            let thing = if round.is_multiple_of(2) { turn } else { N - 1 - turn };
            samples.push((thing, measure(thing).await?));
        }
        samples.sort_by_key(|(thing, _)| *thing);
        let samples: Vec<S> = samples.into_iter().map(|(_, sample)| sample).collect();
        all.extend(<[S; N]>::try_from(samples).ok());
    }
    Ok(Rounds(all))
}

impl<S, const N: usize> Rounds<S, N> {
    /// A value of each round, summed up. A ratio is taken within each round, before the median.
    pub(super) fn spread(&self, of: impl Fn(&[S; N]) -> f64) -> Spread {
        let mut values: Vec<f64> = self.0.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        Spread { least: at(0), median: f64::midpoint(at(last / 2), at(last.div_ceil(2))), most: at(last) }
    }

    /// The median of a value of each round.
    pub(super) fn median(&self, of: impl Fn(&[S; N]) -> f64) -> f64 {
        self.spread(of).median
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn things_are_measured_forth_and_back_and_kept_in_their_places() {
        let mut order = Vec::new();
        let measure = async |thing: usize| {
            order.push(thing);
            Ok(thing)
        };
        let Rounds(samples) = in_turns::<_, 3>(2, measure).await.unwrap();
        assert_eq!(order, [0, 1, 2, 2, 1, 0]);
        assert_eq!(samples, [[0, 1, 2], [0, 1, 2]]);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        let median = |values: &[f64]| Rounds(values.iter().map(|it| [*it]).collect()).median(|[it]| *it);
        assert!((median(&[9.0, 1.0, 3.0, 2.0]) - 2.5).abs() < f64::EPSILON);
        assert!((median(&[9.0, 1.0, 3.0]) - 3.0).abs() < f64::EPSILON);
    }
}
