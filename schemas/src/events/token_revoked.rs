use domain::token::RevocationReason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `token.revoked.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// `key_compromise`, `superseded`, `privilege_withdrawn`, `affiliation_changed` or `unspecified`.
    #[schemars(with = "String")]
    pub(crate) reason: RevocationReason,
}

/// What the organisation's box holds, if there is one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    /// What the caller adds.
    pub(crate) note: String,
}
