//! What is to be done with a log's networks: a token each, and half of them revoked later.

use std::collections::BTreeSet;

use super::{line::Line, network::Network};

/// The networks of a log.
pub(super) struct Plan {
    /// Each once, sorted.
    pub(super) networks: Vec<Network>,
}

impl Plan {
    /// The networks that the lines come from.
    pub(super) fn of(lines: &[Line]) -> Self {
        let networks: BTreeSet<Network> = lines.iter().map(|it| Network::of(it.client)).collect();
        Self { networks: networks.into_iter().collect() }
    }

    /// Every second network, the first among them: half of them, rounded up.
    pub(super) fn to_revoke(&self) -> Vec<Network> {
        self.networks.iter().step_by(2).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::access_log::AccessLog;
    use super::*;

    #[test]
    fn every_network_has_its_place_and_every_second_is_revoked() {
        let line = |client: &str| format!("{client} - - [x] \"GET / HTTP/1.1\" 200 1\n");
        let clients = ["203.0.113.9", "192.0.2.7", "192.0.2.8", "2001:db8::1", "198.51.100.1"];
        let log = AccessLog::parse(clients.map(line).concat().into_bytes());
        let plan = Plan::of(&log.lines);
        let names = |networks: &[Network]| networks.iter().map(ToString::to_string).collect::<Vec<_>>();
        let all = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/48"];
        assert_eq!(names(&plan.networks), all);
        assert_eq!(names(&plan.to_revoke()), ["192.0.2.0/24", "203.0.113.0/24"]);
    }
}
