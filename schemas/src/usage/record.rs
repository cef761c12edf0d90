//! A decision as it is read back: shared texts, and blanks where a subject was erased.

use std::sync::Arc;

use super::sealed::ClientDetails;
use super::{Credential, Layer, Outcome};

/// What was sealed: open, or gone with its subject's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened<T> {
    /// It opened.
    Open(T),
    /// The subject's key is gone, and with it this.
    Erased,
}

/// A text that callers wrote.
pub type Text = Opened<Arc<str>>;

/// Who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedClient {
    /// The subject under which the rest was sealed: the holder, or `unauthenticated/<day>`.
    pub subject: Arc<str>,
    /// Address and user agent.
    pub details: Opened<ClientDetails>,
}

/// A recorded decision. See [`Decision`](super::Decision) for what the fields mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDecision {
    /// Ledger time in microseconds since 1970 UTC.
    pub time_us: i64,
    /// The lane's request counter.
    pub counter: u64,
    /// What was asked about; none where its secret was not proven.
    pub token: Option<Credential>,
    /// Who asked.
    pub caller: Option<Credential>,
    /// Id of the organisation.
    pub organization: Option<u128>,
    /// Who called.
    pub client: Option<Arc<RecordedClient>>,
    /// The code answered.
    pub outcome: Outcome,
    /// The layer that refused.
    pub layer: Layer,
    /// The permission or permission expression asked for.
    pub permission: Option<Text>,
    /// The endpoint asked for: `METHOD path`.
    pub endpoint: Option<Text>,
    /// The service that was called.
    pub service: Option<Text>,
    /// The environment it runs in.
    pub environment: Option<Text>,
    /// Limits and what each was charged.
    pub costs: Vec<(Text, u64)>,
    /// Whether nothing was to be charged.
    pub peek: bool,
    /// How many decisions this stands for.
    pub count: u64,
    /// Position of the gate when it decided, in the header's incarnation of the ledger.
    pub position: u64,
    /// The caller's own id of its request.
    pub client_request_id: Option<Text>,
}
