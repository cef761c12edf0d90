//! What a gate has found out, and under which circumstances it was asked: together the columns of a decision.

use std::net::IpAddr;

use domain::{actor::Holder, ids::OrganizationId, permission::PermissionName};

use super::{Credential, Endpoint, Layer, Outcome};

/// What a gate has found out about one question or one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The credential that was asked about; none where its secret was not proven.
    pub token: Option<Credential>,
    /// Whom that token acts for.
    pub holder: Option<Holder>,
    /// The organisation that it belongs to; none for operators.
    pub organization: Option<OrganizationId>,
    /// The code answered.
    pub outcome: Outcome,
    /// The layer that refused.
    pub layer: Layer,
    /// Position of the gate when it decided.
    pub position: u64,
}

impl Decided {
    /// That a secret was not proven: `outcome` says in which way.
    pub fn unproven(outcome: Outcome, position: u64) -> Self {
        Self { token: None, holder: None, organization: None, outcome, layer: Layer::SECRET, position }
    }

    /// Whether the secret was not proven: such decisions are counted and not kept one by one.
    pub fn is_unproven(&self) -> bool {
        matches!(self.outcome, Outcome::MALFORMED | Outcome::UNKNOWN | Outcome::WRONG)
    }
}

/// Who asked, where the question is about another's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asker {
    /// The credential of whoever asked.
    pub credential: Credential,
    /// Its organisation; none where it spans several.
    pub organization: Option<OrganizationId>,
}

/// What was asked, by whom and from where. Texts may be of any length; what is recorded of each is its beginning.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Ledger time in microseconds since 1970 UTC.
    pub time_us: i64,
    /// Who asked; none where a caller's own credential was decided about.
    pub asker: Option<Asker>,
    /// The permissions asked for, all of them.
    pub permissions: &'a [PermissionName],
    /// The endpoint asked for.
    pub endpoint: Option<Endpoint<'a>>,
    /// Where the call came from.
    pub address: Option<IpAddr>,
    /// What the caller's program calls itself.
    pub user_agent: Option<&'a str>,
    /// The caller's own id of its request.
    pub client_request_id: Option<&'a str>,
}

impl Circumstances<'_> {
    /// Nothing but the time.
    pub fn at(time_us: i64) -> Self {
        Self {
            time_us,
            asker: None,
            permissions: &[],
            endpoint: None,
            address: None,
            user_agent: None,
            client_request_id: None,
        }
    }
}
