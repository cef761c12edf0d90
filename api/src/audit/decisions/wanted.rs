//! Which decisions are asked for.

use domain::ids::TokenId;
use projections::audit::Thing;
use projections::decisions::DecisionFilter;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::audit::Order;
use crate::body::{NotYet, Text};
use crate::formats::{BlockText, TimeText, network, said};
use crate::problem::{Code, Problem};
use crate::query::Paging;
use crate::refusals::unreadable;

/// Which decisions; all that is said must hold.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "what comes later is known, and refused until it is carried out")]
pub(super) struct Filter {
    /// The token asked about: its id, or a pasted token.
    token: Option<String>,
    /// The token of whoever asked: its id, or a pasted token.
    caller: Option<String>,
    #[serde(default)]
    holder: NotYet,
    /// Where the call came from: an address, or a block like `203.0.113.0/24`; with `personal-data:read` only.
    /// Networks that unproven secrets are counted by are found by what they overlap.
    pub(super) ip: Option<Text<BlockText>>,
    /// The code answered; may be repeated, for any of them.
    outcome: Option<Vec<OutcomeFilter>>,
    /// The permission asked for, or one of an expression.
    permission: Option<String>,
    /// The endpoint asked for: `GET /v1/invoices/7`, or the path alone.
    endpoint: Option<String>,
    /// The id that was answered. One that is counted in a row finds the rows of its second that may count it.
    pub(super) request_id: Option<String>,
    /// The caller's own id of its request; with `from`.
    client_request_id: Option<String>,
    /// Decided then or later.
    from: Option<Text<TimeText>>,
    /// Decided earlier.
    to: Option<Text<TimeText>>,
    /// The newest first (`desc`, the default), or the oldest first.
    pub(super) order: Option<Order>,
    /// Decisions after this position, as this search answered it, the oldest first.
    pub(super) after: Option<String>,
    /// A position of this search that the answer must have reached.
    pub(super) min_position: Option<String>,
    #[serde(flatten)]
    pub(super) paging: Paging,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OutcomeFilter {
    Valid,
    NotFound,
    Expired,
    Revoked,
    Suspended,
    NotYetValid,
    HolderInactive,
    OrganizationLocked,
    IpNotAllowed,
    InsufficientPermissions,
    RateLimited,
    QuotaExceeded,
}

impl OutcomeFilter {
    const fn code(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::NotFound => "NOT_FOUND",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
            Self::Suspended => "SUSPENDED",
            Self::NotYetValid => "NOT_YET_VALID",
            Self::HolderInactive => "HOLDER_INACTIVE",
            Self::OrganizationLocked => "ORGANIZATION_LOCKED",
            Self::IpNotAllowed => "IP_NOT_ALLOWED",
            Self::InsufficientPermissions => "INSUFFICIENT_PERMISSIONS",
            Self::RateLimited => "RATE_LIMITED",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
        }
    }
}

impl Filter {
    /// What is looked for.
    pub(super) async fn wanted(self, app: &App) -> Result<DecisionFilter, Problem> {
        if self.client_request_id.is_some() && self.from.is_none() {
            let detail = "client_request_id: say from when on, with from";
            return Err(Problem::new(Code::InvalidParameter, detail));
        }
        let instant = |it: Option<Text<TimeText>>| it.as_ref().map(said).transpose();
        let mut wanted = DecisionFilter {
            token: token(app, self.token.as_deref()).await?,
            caller: token(app, self.caller.as_deref()).await?,
            ip: self.ip.as_ref().map(network).transpose()?,
            permission: self.permission,
            endpoint: self.endpoint,
            client_request_id: self.client_request_id,
            from: instant(self.from)?,
            to: instant(self.to)?,
            ..DecisionFilter::default()
        };
        for outcome in self.outcome.into_iter().flatten() {
            wanted.add_code(outcome.code());
        }
        Ok(wanted)
    }
}

/// The token that was said, by its id or by a secret. What names no token is one that nobody has, and finds nothing.
async fn token(app: &App, said: Option<&str>) -> Result<Option<TokenId>, Problem> {
    const NOBODYS: TokenId = TokenId::from_bits(0);
    let Some(said) = said else { return Ok(None) };
    let token = match Thing::pasted(said) {
        Thing::Id(id) => id.parse().ok(),
        Thing::Secret(secret) => app.audit.token_of(secret).await.map_err(unreadable)?,
    };
    Ok(Some(token.unwrap_or(NOBODYS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_that_can_be_asked_for_is_one_that_is_recorded() {
        let schema = serde_json::to_value(schemars::schema_for!(OutcomeFilter)).unwrap();
        let codes = schema["enum"].as_array().unwrap();
        assert_eq!(codes.len(), 12);
        for code in codes {
            let outcome: OutcomeFilter = serde_json::from_value(code.clone()).unwrap();
            assert_eq!(code, outcome.code());
            assert!(DecisionFilter::default().add_code(outcome.code()));
        }
    }
}
