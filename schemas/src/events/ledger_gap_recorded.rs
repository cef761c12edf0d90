use domain::{
    time::Timestamp,
    usage_gap::{Gap, NodeStart},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `ledger.gap_recorded.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// The start of a node that was cut off: 16 hexadecimal digits.
    node_start: String,
    /// The lane of the usage log.
    lane: u16,
    /// Where the last durable block of that start lies in the lane; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
    /// Decisions from this instant on may be missing.
    #[schemars(with = "String")]
    from: Timestamp,
    /// Decisions before this instant may be missing.
    #[schemars(with = "String")]
    until: Timestamp,
}

impl From<&Gap> for Data {
    fn from(gap: &Gap) -> Self {
        let Gap { node_start, lane, after, from, until } = gap;
        Self { node_start: node_start.to_string(), lane: *lane, after: *after, from: *from, until: *until }
    }
}

impl TryFrom<Data> for Gap {
    type Error = super::DataError;

    fn try_from(data: Data) -> Result<Self, Self::Error> {
        let Data { node_start, lane, after, from, until } = data;
        Ok(Self { node_start: super::wire::parse::<NodeStart>(&node_start)?, lane, after, from, until })
    }
}
