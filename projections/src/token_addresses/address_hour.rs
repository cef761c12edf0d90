use std::net::IpAddr;
use std::sync::Arc;

use domain::ids::{OrganizationId, TokenId};
use domain::time::Timestamp;
use schemas::usage::{Opened, Outcome, RecordedDecision};

use super::Sightings;
use crate::token_usage::{Hour, Partial, address};

/// What was seen of one token from one address in one hour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddressHour {
    /// The hour.
    pub hour: Hour,
    /// The token.
    pub token: TokenId,
    /// Whose key seals the address: the holder's, or the day's once that is erased.
    pub subject: Arc<str>,
    /// The address.
    pub address: IpAddr,
    /// The token's organisation; nothing for operators' tokens.
    pub organization: Option<OrganizationId>,
    /// What was seen.
    pub sightings: Sightings,
}

impl Partial for AddressHour {
    type Key = (Hour, TokenId, Arc<str>, IpAddr);

    fn of(decision: &RecordedDecision) -> Option<Self> {
        let counts = !decision.peek && decision.outcome != Outcome::NOT_FOUND;
        let asked = decision.token.filter(|_| counts)?;
        let client = decision.client.as_deref()?;
        let Opened::Open(details) = &client.details else { return None };
        Some(Self {
            hour: Hour::of(Timestamp::from_micros(decision.time_us)),
            token: TokenId::from_bits(asked.token),
            subject: Arc::clone(&client.subject),
            address: address(client)?,
            organization: decision.organization.map(OrganizationId::from_bits),
            sightings: Sightings::of(decision, details),
        })
    }

    fn key(&self) -> Self::Key {
        (self.hour, self.token, Arc::clone(&self.subject), self.address)
    }

    fn merge(&mut self, other: Self) {
        self.organization = self.organization.max(other.organization);
        self.sightings.merge(other.sightings);
    }
}
