use domain::time::Timestamp;
use schemas::usage::{ClientDetails, RecordedDecision};

use super::UserAgents;

/// When, how often and with what an address was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sightings {
    /// The first time.
    pub first_seen: Timestamp,
    /// The last time.
    pub last_seen: Timestamp,
    /// How often.
    pub calls: u64,
    /// With what.
    pub user_agents: UserAgents,
}

impl Sightings {
    pub(super) fn of(decision: &RecordedDecision, details: &ClientDetails) -> Self {
        let at = Timestamp::from_micros(decision.time_us);
        let agent = details.user_agent.as_deref();
        let user_agents = agent.map(|it| UserAgents::seen(at, it)).unwrap_or_default();
        Self { first_seen: at, last_seen: at, calls: decision.count, user_agents }
    }

    /// Takes in what was seen at other times: in any order and grouping the same.
    pub fn merge(&mut self, other: Self) {
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.calls = self.calls.saturating_add(other.calls);
        self.user_agents.merge(other.user_agents);
    }
}
