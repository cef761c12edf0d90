use std::collections::BTreeSet;
use std::net::IpAddr;

use domain::ids::{OrganizationId, TokenId};
use domain::time::Timestamp;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use schemas::usage::{Address, Opened, Outcome, RecordedDecision, Text};

/// Which decisions a reader reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Those of an organisation: about its tokens, or asked by it.
    Organization(OrganizationId),
    /// Those of no organisation: about operators' tokens, and what only operators asked.
    Platform,
}

/// Which decisions are wanted; all that is said must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DecisionFilter {
    /// The token that was asked about.
    pub token: Option<TokenId>,
    /// The token of whoever asked.
    pub caller: Option<TokenId>,
    /// Where the call came from: an address, or a block of them. Networks that unproven secrets are counted by
    /// are found by what they overlap. Who may not see addresses must not be let find by them.
    pub ip: Option<IpNet>,
    /// The codes, of which one must be the answer; none said: any.
    pub outcomes: BTreeSet<Outcome>,
    /// The permission asked for, or one of an expression.
    pub permission: Option<String>,
    /// The endpoint asked for: `METHOD path`, or the path alone.
    pub endpoint: Option<String>,
    /// The caller's own id of its request.
    pub client_request_id: Option<String>,
    /// Decided then or later.
    pub from: Option<Timestamp>,
    /// Decided earlier.
    pub to: Option<Timestamp>,
}

impl Reach {
    /// The id of the organisation, if it is one.
    pub(super) fn organization(self) -> Option<u128> {
        match self {
            Self::Organization(id) => Some(id.bits()),
            Self::Platform => None,
        }
    }
}

/// Outcomes are stored as numbers; there are none above this one that have a code.
const GREATEST_OUTCOME: u16 = 255;

impl DecisionFilter {
    /// And that code may be the answer. False: no outcome has it.
    pub fn add_code(&mut self, code: &str) -> bool {
        let outcomes = (0..=GREATEST_OUTCOME).map(Outcome).filter(|it| it.code() == Some(code));
        let before = self.outcomes.len();
        self.outcomes.extend(outcomes);
        before < self.outcomes.len()
    }

    /// Whether a decision is wanted.
    pub fn accepts(&self, decision: &RecordedDecision) -> bool {
        let is_token =
            |wanted: Option<TokenId>, token: Option<u128>| wanted.is_none_or(|it| token == Some(it.bits()));
        is_token(self.token, decision.token.map(|it| it.token))
            && is_token(self.caller, decision.caller.map(|it| it.token))
            && self.is_in_time(decision.time_us)
            && self.accepts_outcome(decision.outcome)
            && self.ip.is_none_or(|it| comes_from(decision, it))
            && is_text(self.permission.as_deref(), decision.permission.as_ref(), asks_for)
            && is_text(self.endpoint.as_deref(), decision.endpoint.as_ref(), is_endpoint)
            && is_text(self.client_request_id.as_deref(), decision.client_request_id.as_ref(), str::eq)
    }

    pub(super) fn is_in_time(&self, time_us: i64) -> bool {
        self.from.is_none_or(|it| it.micros() <= time_us) && self.to.is_none_or(|it| time_us < it.micros())
    }

    /// Whether something between two instants may be in time.
    pub(super) fn overlaps(&self, earliest_us: i64, latest_us: i64) -> bool {
        self.from.is_none_or(|it| it.micros() <= latest_us)
            && self.to.is_none_or(|it| earliest_us < it.micros())
    }

    pub(super) fn accepts_outcome(&self, outcome: Outcome) -> bool {
        self.outcomes.is_empty() || self.outcomes.contains(&outcome)
    }

    /// Whether texts decide, which the index does not know.
    pub(super) fn looks_at_texts(&self) -> bool {
        self.permission.is_some() || self.endpoint.is_some() || self.client_request_id.is_some()
    }
}

/// The addresses that an address, or a network that unproven secrets are counted by, stands for.
pub(super) fn block_of(address: Address) -> Option<IpNet> {
    match address {
        Address::Ip(ip) => Some(IpNet::from(ip.to_canonical())),
        Address::Network24([a, b, c]) => Ipv4Net::new([a, b, c, 0].into(), 24).ok().map(IpNet::from),
        Address::Network48(octets) => {
            let mut first = [0; 16];
            first.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
            Ipv6Net::new(first.into(), 48).ok().map(IpNet::from)
        }
    }
}

/// A block whose addresses are written as what they are.
pub(super) fn canonical(block: IpNet) -> IpNet {
    let (network, length) = (block.network(), block.prefix_len());
    match (network, network.to_canonical()) {
        (IpAddr::V6(_), IpAddr::V4(ip)) if 96 <= length => {
            Ipv4Net::new(ip, length - 96).map_or(block, IpNet::from)
        }
        (IpAddr::V4(_) | IpAddr::V6(_), _) => block,
    }
}

fn comes_from(decision: &RecordedDecision, wanted: IpNet) -> bool {
    let Some(Opened::Open(details)) = decision.client.as_ref().map(|it| &it.details) else { return false };
    let Some(block) = details.address.and_then(block_of) else { return false };
    let wanted = canonical(wanted);
    wanted.contains(&block) || block.contains(&wanted)
}

fn is_text(wanted: Option<&str>, text: Option<&Text>, is: fn(&str, &str) -> bool) -> bool {
    match (wanted, text) {
        (None, _) => true,
        (Some(wanted), Some(Opened::Open(text))) => is(text, wanted),
        (Some(_), Some(Opened::Erased) | None) => false,
    }
}

fn asks_for(expression: &str, permission: &str) -> bool {
    let is_between = |it: char| it.is_whitespace() || matches!(it, '(' | ')' | ',');
    expression == permission || expression.split(is_between).any(|it| it == permission)
}

fn is_endpoint(endpoint: &str, wanted: &str) -> bool {
    endpoint == wanted || endpoint.split_once(' ').is_some_and(|(_, path)| path == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_found_in_an_expression_as_a_whole() {
        assert!(asks_for("a:read", "a:read"));
        assert!(asks_for("a:read and (b:read or c:read)", "b:read"));
        assert!(!asks_for("a:read and b:read", "a:rea"));
    }

    #[test]
    fn a_code_is_all_outcomes_that_are_answered_with_it() {
        let mut filter = DecisionFilter::default();
        assert!(filter.add_code("NOT_FOUND") && filter.add_code("REVOKED"));
        let unproven = [Outcome::MALFORMED, Outcome::UNKNOWN, Outcome::WRONG];
        let expected = [Outcome::NOT_FOUND, Outcome::REVOKED].into_iter().chain(unproven).collect();
        assert_eq!(filter.outcomes, expected);
        assert!(!filter.add_code("PERHAPS"));
    }

    #[test]
    fn an_endpoint_is_found_with_or_without_its_method() {
        assert!(is_endpoint("GET /v1/a", "GET /v1/a"));
        assert!(is_endpoint("GET /v1/a", "/v1/a"));
        assert!(!is_endpoint("GET /v1/a", "/v1"));
    }

    #[test]
    fn an_address_in_six_is_the_one_in_four_that_it_is() {
        let block = |it: &str| canonical(it.parse().unwrap());
        assert_eq!(block("::ffff:203.0.113.0/120"), block("203.0.113.0/24"));
        assert_eq!(block("2001:db8::/32"), "2001:db8::/32".parse().unwrap());
    }
}
