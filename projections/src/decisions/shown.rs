use domain::ids::{MemberId, OrganizationId, TokenId};
use domain::secret::SecretId;
use domain::time::Timestamp;
use eventlog::Position;
use schemas::usage::{ClientDetails, Credential, Layer, Opened, Outcome, RecordedDecision, RequestIds, Text};

use super::FoundDecision;
use super::filter::block_of;
use crate::audit::Personal;
use crate::who::Who;

/// A recorded decision as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownDecision {
    /// The id that was answered; where the row stands for several decisions, that of the first.
    pub request_id: String,
    /// When it was decided.
    pub at: Timestamp,
    /// The code answered.
    pub code: String,
    /// The layer that refused.
    pub layer: Option<&'static str>,
    /// The token asked about; none where its secret was not proven.
    pub token: Option<TokenId>,
    /// The secret version of it.
    pub secret: Option<SecretId>,
    /// The token of whoever asked.
    pub caller: Option<TokenId>,
    /// The secret version of that.
    pub caller_secret: Option<SecretId>,
    /// The organisation: the token's, or the caller's where there is none.
    pub organization: Option<OrganizationId>,
    /// Whom the token acts for, where the call tells it.
    pub holder: Option<Who>,
    /// The permission or expression asked for.
    pub permission: Option<String>,
    /// The endpoint asked for: `METHOD path`.
    pub endpoint: Option<String>,
    /// The service that was called.
    pub service: Option<String>,
    /// The environment it runs in.
    pub environment: Option<String>,
    /// Where the call came from: an address, or the network that unproven secrets are counted by.
    pub ip: Option<String>,
    /// What the caller's program calls itself.
    pub user_agent: Option<String>,
    /// How many decisions the row stands for.
    pub count: u64,
    /// Whether nothing was to be charged.
    pub peek: bool,
    /// What each limit was charged, by its name.
    pub costs: Vec<(String, u64)>,
    /// The caller's own id of its request.
    pub client_request_id: Option<String>,
    /// Where the gate stood when it decided.
    pub position: Position,
    /// The incarnation of the ledger that the position belongs to.
    pub incarnation: u32,
    /// Whether its personal data and texts are shown.
    pub personal: Personal,
}

impl ShownDecision {
    /// A decision, with its request id.
    pub(super) fn of(found: FoundDecision, ids: &RequestIds) -> Self {
        let FoundDecision { locator, incarnation, decision } = found;
        let request_id = ids.encode(locator);
        let mut is_erased = false;
        let mut text = |text: Option<&Text>| opened(text, &mut is_erased).map(ToString::to_string);
        let permission = text(decision.permission.as_ref());
        let endpoint = text(decision.endpoint.as_ref());
        let service = text(decision.service.as_ref());
        let environment = text(decision.environment.as_ref());
        let client_request_id = text(decision.client_request_id.as_ref());
        let costs = decision.costs.iter();
        let costs = costs.filter_map(|(limit, cost)| Some((text(Some(limit))?, *cost))).collect();
        let client = opened(decision.client.as_ref().map(|it| &it.details), &mut is_erased);
        Self {
            request_id,
            at: Timestamp::from_micros(decision.time_us),
            code: code_of(decision.outcome),
            layer: layer_of(decision.layer),
            token: decision.token.map(token_of),
            secret: decision.token.and_then(secret_of),
            caller: decision.caller.map(token_of),
            caller_secret: decision.caller.and_then(secret_of),
            organization: decision.organization.map(OrganizationId::from_bits),
            holder: holder_of(&decision),
            permission,
            endpoint,
            service,
            environment,
            ip: client.and_then(address_of),
            user_agent: client.and_then(|it| it.user_agent.as_deref()).map(str::to_owned),
            count: decision.count,
            peek: decision.peek,
            costs,
            client_request_id,
            position: Position(decision.position),
            incarnation,
            personal: if is_erased { Personal::Erased } else { Personal::Visible },
        }
    }

    /// The decision as it is shown to a reader who may not see personal data: without address and user agent. Texts
    /// stay: they are the organisation's.
    #[must_use]
    pub fn without_personal(self) -> Self {
        let personal = if self.personal == Personal::Visible { Personal::Hidden } else { self.personal };
        Self { ip: None, user_agent: None, personal, ..self }
    }
}

/// The code of an outcome; of one that this version does not know, its number.
pub(super) fn code_of(outcome: Outcome) -> String {
    outcome.code().map_or_else(|| format!("OUTCOME_{}", outcome.0), str::to_owned)
}

fn layer_of(layer: Layer) -> Option<&'static str> {
    layer.name().or((layer != Layer::NONE).then_some("unknown"))
}

fn opened<'a, T>(sealed: Option<&'a Opened<T>>, is_erased: &mut bool) -> Option<&'a T> {
    match sealed? {
        Opened::Open(value) => Some(value),
        Opened::Erased => {
            *is_erased = true;
            None
        }
    }
}

fn token_of(credential: Credential) -> TokenId {
    TokenId::from_bits(credential.token)
}

fn secret_of(credential: Credential) -> Option<SecretId> {
    SecretId::from_bits(credential.secret)
}

/// What the call is sealed under is the token's holder, unless nobody is known.
fn holder_of(decision: &RecordedDecision) -> Option<Who> {
    decision.token?;
    let id = decision.client.as_ref()?.subject.to_string();
    let kind = match id.as_str() {
        "operator" => "operator",
        it if it.parse::<MemberId>().is_ok() => "member",
        it if it.starts_with("sva_") => "service_account",
        _ => return None,
    };
    Some(Who { kind: kind.to_owned(), id })
}

fn address_of(details: &ClientDetails) -> Option<String> {
    let block = block_of(details.address?)?;
    let is_one = block.prefix_len() == block.max_prefix_len();
    Some(if is_one { block.addr().to_string() } else { block.to_string() })
}
