use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most user agents that are kept of one address.
pub const MOST_USER_AGENTS: usize = 8;

/// The user agents that were seen last, at most [`MOST_USER_AGENTS`], the latest at the end; of those of the same
/// instant, in the order of their texts.
///
/// Who is among the last of all is among the last wherever it was seen last: so nothing that is left out early is
/// missed later, and merging is associative and commutative.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserAgents(Vec<(Timestamp, Box<str>)>);

impl UserAgents {
    /// One that was seen then.
    pub fn seen(at: Timestamp, agent: &str) -> Self {
        Self(vec![(at, agent.into())])
    }

    /// Takes in others.
    pub fn merge(&mut self, other: Self) {
        for (at, agent) in other.0 {
            match self.0.iter_mut().find(|(_, it)| *it == agent) {
                Some((known, _)) => *known = at.max(*known),
                None => self.0.push((at, agent)),
            }
        }
        self.0.sort_unstable();
        self.0.drain(..self.0.len().saturating_sub(MOST_USER_AGENTS));
    }

    /// Their texts, the latest at the end.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, it)| it.as_ref())
    }
}
