use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `operator.reset.v1`: nothing needs saying beyond that it happened.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {}
