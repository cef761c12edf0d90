use domain::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `token.expired.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// The instant from which it was refused, however late this was noted.
    #[schemars(with = "String")]
    pub(crate) expires_at: Timestamp,
}
