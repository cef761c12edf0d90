use domain::ids::{OrganizationId, TokenId};
use domain::secret::SecretId;
use domain::time::Timestamp;
use schemas::usage::RecordedDecision;

use super::{Hour, Partial, Tally};

/// What was decided about one secret version in one hour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretHour {
    /// The hour.
    pub hour: Hour,
    /// The token.
    pub token: TokenId,
    /// The secret version.
    pub secret: SecretId,
    /// The token's organisation; nothing for operators' tokens.
    pub organization: Option<OrganizationId>,
    /// What happened.
    pub tally: Tally,
}

impl Partial for SecretHour {
    type Key = (Hour, TokenId, SecretId);

    fn of(decision: &RecordedDecision) -> Option<Self> {
        let asked = decision.token.filter(|_| !decision.peek)?;
        Some(Self {
            hour: Hour::of(Timestamp::from_micros(decision.time_us)),
            token: TokenId::from_bits(asked.token),
            secret: SecretId::from_bits(asked.secret)?,
            organization: decision.organization.map(OrganizationId::from_bits),
            tally: Tally::of(decision),
        })
    }

    fn key(&self) -> Self::Key {
        (self.hour, self.token, self.secret)
    }

    fn merge(&mut self, other: Self) {
        self.organization = self.organization.max(other.organization);
        self.tally.merge(other.tally);
    }
}
