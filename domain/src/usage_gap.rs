//! Gaps in the usage log: what a start of a node may have decided and not made durable before it was cut off.

use crate::{decider::Decider, time::Timestamp};
use std::{convert::Infallible, fmt, str::FromStr};

/// Digits of a node start's text.
const DIGITS: usize = 16;

/// Names one start of a node by its eight random bytes, drawn anew each time and never used twice; printed as 16
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeStart(pub [u8; 8]);

impl fmt::Display for NodeStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// Why a text names no node start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a node start is {DIGITS} hexadecimal digits in lower case")]
pub struct NodeStartError;

impl FromStr for NodeStart {
    type Err = NodeStartError;

    fn from_str(text: &str) -> Result<Self, NodeStartError> {
        let is_written_so =
            text.len() == DIGITS && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_written_so).ok_or(NodeStartError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

/// What may be missing: decisions of one start of a node in one lane, answered at `from` or later and before `until`.
/// Every decision that was answered earlier is in the usage log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The start that was cut off.
    pub node_start: NodeStart,
    /// The lane.
    pub lane: u16,
    /// Where its last durable block lies in the lane; nothing where it has none.
    pub after: Option<u64>,
    /// The beginning of the second of the last durable decision, since unproven secrets are counted by the second; the
    /// beginning of the node's start, where none is durable.
    pub from: Timestamp,
    /// When the next start of the node began.
    pub until: Timestamp,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A start found that another was cut off.
    Recorded(Gap),
}

/// What somebody wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Have it recorded.
    Record(Gap),
}

/// The gap of one node start, once it is recorded.
pub type State = Option<Gap>;

/// The rules of gaps: each is recorded once, and the first record stands.
#[derive(Clone, Copy, Debug)]
pub enum Rules {}

impl Decider for Rules {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Infallible;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Infallible> {
        match (state, command) {
            // Already so: a start that was cut off here looks for the same gap again.
            (Some(_), Command::Record(_)) => Ok(vec![]),
            (None, Command::Record(gap)) => Ok(vec![Event::Recorded(gap.clone())]),
        }
    }

    fn evolve(_: State, event: &Event, _: Timestamp) -> State {
        match event {
            Event::Recorded(gap) => Some(gap.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn gap(until: Timestamp) -> Gap {
        Gap { node_start: NodeStart(*b"noonnode"), lane: 0, after: Some(7), from: NOON, until }
    }

    #[test]
    fn a_gap_is_recorded_once_and_the_first_record_stands() {
        let facts = Rules::decide(&None, &Command::Record(gap(NOON))).unwrap();
        assert_eq!(facts, [Event::Recorded(gap(NOON))]);
        let state = facts.iter().fold(None, |state, it| Rules::evolve(state, it, NOON));
        let later = Command::Record(gap(Timestamp::MAX));
        assert_eq!(Rules::decide(&state, &later), Ok(vec![]));
    }

    #[test]
    fn a_node_start_is_read_as_it_was_printed_and_in_no_other_way() {
        let start = NodeStart([0, 1, 2, 0xab, 4, 5, 6, 0xff]);
        assert_eq!(start.to_string(), "000102ab040506ff");
        assert_eq!(start.to_string().parse(), Ok(start));
        for text in ["000102AB040506ff", "+00102ab040506ff", "000102ab040506f", ""] {
            assert_eq!(text.parse::<NodeStart>(), Err(NodeStartError), "{text}");
        }
    }
}
