use domain::slug::Slug;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `member.added.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// The role's slug.
    #[schemars(with = "String")]
    pub(crate) role: Slug,
}

/// What the member's own box holds.
pub(crate) use super::organization_registered::SealedPerson as Sealed;
