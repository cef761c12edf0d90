use super::token_issued::SecretData;
use domain::{secret::SecretId, time::Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `token.secret_rotated.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// The new secret version.
    pub(crate) secret: SecretData,
    /// The version that it replaces.
    #[schemars(with = "String")]
    pub(crate) replaced: SecretId,
    /// The instant from which the replaced version is refused.
    #[schemars(with = "String")]
    pub(crate) overlap_until: Timestamp,
}

/// What the organisation's box holds, if there is one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    /// Why, in the caller's words.
    pub(crate) reason: String,
}
