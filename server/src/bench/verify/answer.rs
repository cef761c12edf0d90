//! An answer of `POST /v1/verify` as a type, so that the baseline serialises just what we do.

use serde::{Deserialize, Serialize};

/// What the baseline answers with: bytes of ours, taken once.
#[derive(Serialize, Deserialize)]
pub(super) struct Sample {
    /// The headers that the handler sets, in their order.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) answer: Answer,
}

/// The body of a yes. A field that comes to the interface must come here, or the bench refuses to run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    valid: bool,
    code: String,
    token_id: String,
    organization_id: String,
    holder: Holder,
    name: String,
    kind: String,
    scopes: Vec<String>,
    expires_at: String,
    position: String,
    request_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holder {
    kind: String,
    id: String,
}
