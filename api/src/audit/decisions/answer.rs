//! A decision, as the audit shows it.

use projections::decisions::ShownDecision;
use projections::who::Who;
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::personal;
use crate::position::Incarnation;

/// A recorded decision; unproven secrets are one row per caller, network, code and second.
#[derive(Serialize, JsonSchema)]
pub(super) struct DecisionAnswer {
    /// The id that was answered; of several decisions in one row, that of the first.
    request_id: String,
    /// When it was decided.
    at: String,
    /// The code answered.
    code: String,
    /// The layer that refused; null where none did.
    layer: Option<&'static str>,
    /// The token asked about; null where its secret was not proven.
    token: Option<String>,
    /// The secret version of it.
    secret: Option<String>,
    /// The token of whoever asked.
    caller: Option<String>,
    /// The secret version of that.
    caller_secret: Option<String>,
    /// The organisation: the token's, or the caller's where there is none.
    organization: Option<String>,
    /// Whom the token acts for, where the call told it.
    holder: Option<DecisionHolder>,
    /// The permission or expression asked for.
    permission: Option<String>,
    /// The endpoint asked for: `METHOD path`, without its query.
    endpoint: Option<String>,
    /// The service that was called.
    service: Option<String>,
    /// The environment it runs in.
    environment: Option<String>,
    /// Where the call came from: an address, or the network that unproven secrets are counted by.
    ip: Option<String>,
    /// What the caller's program calls itself.
    user_agent: Option<String>,
    /// How many decisions the row stands for.
    count: u64,
    /// Whether nothing was to be charged.
    peek: bool,
    /// What each limit was charged.
    costs: Vec<ChargedAnswer>,
    /// The caller's own id of its request.
    client_request_id: Option<String>,
    /// The position of the ledger that it was decided at.
    position: String,
    /// Whether what is sealed in it is `visible`, personal data `hidden` from this reader, or some of it `erased`.
    personal: &'static str,
}

/// Whom a token acts for.
#[derive(Serialize, JsonSchema)]
struct DecisionHolder {
    /// `member`, `service_account` or `operator`.
    kind: String,
    /// Its id.
    id: String,
}

/// What a limit was charged.
#[derive(Serialize, JsonSchema)]
struct ChargedAnswer {
    /// The limit's name.
    limit: String,
    /// Units.
    cost: u64,
}

impl DecisionAnswer {
    pub(super) fn of(decision: ShownDecision) -> Self {
        let recorded_in = Incarnation(decision.incarnation);
        let holder = |Who { kind, id }| DecisionHolder { kind, id };
        let charged = |(limit, cost)| ChargedAnswer { limit, cost };
        Self {
            request_id: decision.request_id,
            at: decision.at.to_string(),
            code: decision.code,
            layer: decision.layer,
            token: decision.token.map(|it| it.to_string()),
            secret: decision.secret.map(|it| it.to_string()),
            caller: decision.caller.map(|it| it.to_string()),
            caller_secret: decision.caller_secret.map(|it| it.to_string()),
            organization: decision.organization.map(|it| it.to_string()),
            holder: decision.holder.map(holder),
            permission: decision.permission,
            endpoint: decision.endpoint,
            service: decision.service,
            environment: decision.environment,
            ip: decision.ip,
            user_agent: decision.user_agent,
            count: decision.count,
            peek: decision.peek,
            costs: decision.costs.into_iter().map(charged).collect(),
            client_request_id: decision.client_request_id,
            position: recorded_in.show(decision.position),
            personal: personal(decision.personal),
        }
    }
}
