//! Positions of the usage log, as clients see them: opaque, `<lane>-<place>` for each lane, between full stops.

use std::fmt;

use projections::decisions::{Lane, Place};

use crate::problem::{Code, Problem};

/// The most lanes that a position may name.
const MOST_LANES: usize = 256;

/// Up to where each lane is meant.
pub(super) struct UsagePosition(pub(super) Vec<(Lane, Place)>);

impl UsagePosition {
    /// A position that a client sends back in the parameter of that name.
    pub(super) fn read(text: &str, name: &str) -> Result<Self, Problem> {
        let malformed = || {
            let detail = format!("{name}: send a position as this search has answered it");
            Problem::new(Code::InvalidParameter, detail)
        };
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let parts: Option<Vec<_>> = text.split('.').take(MOST_LANES + 1).map(part).collect();
        let parts = parts.filter(|it| it.len() <= MOST_LANES).ok_or_else(malformed)?;
        let ascends = parts.iter().zip(parts.iter().skip(1)).all(|(one, next)| one.0 < next.0);
        if ascends { Ok(Self(parts)) } else { Err(malformed()) }
    }
}

fn part(text: &str) -> Option<(Lane, Place)> {
    let (lane, place) = text.split_once('-')?;
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if !is_number(lane) || !is_number(place) {
        return None;
    }
    Some((Lane(lane.parse().ok()?), Place(place.parse().ok()?)))
}

impl fmt::Display for UsagePosition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (lane, place)) in self.0.iter().enumerate() {
            let between = if number == 0 { "" } else { "." };
            write!(out, "{between}{lane}-{place}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_shown() {
        for text in ["", "0-7", "0-7.3-89260101234688385"] {
            assert_eq!(UsagePosition::read(text, "after").unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_position_is_refused_by_the_name_of_its_parameter() {
        for bad in ["7", "0-", "-7", "0-7.", "0-+7", "0-7.0-8", "1-7.0-8", "70000-1", "1-1-1"] {
            let problem = UsagePosition::read(bad, "after").err().unwrap();
            assert_eq!(problem.code(), Code::InvalidParameter, "{bad}");
            assert!(problem.to_value()["detail"].as_str().unwrap().starts_with("after: "));
        }
    }
}
