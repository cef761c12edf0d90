use domain::permission::{Permission, Risk};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `permission.registered.v2`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// `resource:action`.
    name: String,
    /// What it lets one do.
    description: String,
    /// How much harm it can do.
    #[schemars(with = "RiskText")]
    risk: Risk,
    /// The endpoints that it opens, as `METHOD /path` patterns.
    endpoints: Vec<String>,
    /// The permissions that it gives with it.
    implies: Vec<String>,
    /// The built-in roles that grant it.
    roles: Vec<String>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "names the four texts in the schema")]
enum RiskText {
    Low,
    Medium,
    High,
    Critical,
}

pub(crate) mod v1 {
    use super::{JsonSchema, Risk, RiskText};
    use serde::{Deserialize, Serialize};

    /// `permission.registered.v1`: no permission implied another, and owner and admin had all of them.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub(crate) struct Data {
        /// `resource:action`.
        name: String,
        /// What it lets one do.
        description: String,
        /// How much harm it can do.
        #[schemars(with = "RiskText")]
        risk: Risk,
        /// The endpoints that it opens.
        endpoints: Vec<String>,
    }

    /// What the first version left unsaid is said as it was meant.
    impl From<Data> for super::Data {
        fn from(old: Data) -> Self {
            Self {
                name: old.name,
                description: old.description,
                risk: old.risk,
                endpoints: old.endpoints,
                implies: Vec::new(),
                roles: ["owner", "admin"].map(str::to_owned).to_vec(),
            }
        }
    }
}

impl From<&Permission> for Data {
    fn from(permission: &Permission) -> Self {
        Self {
            name: permission.name.to_string(),
            description: permission.description.clone(),
            risk: permission.risk,
            endpoints: permission.endpoints.iter().map(ToString::to_string).collect(),
            implies: permission.implies.iter().map(ToString::to_string).collect(),
            roles: permission.roles.iter().map(ToString::to_string).collect(),
        }
    }
}

impl TryFrom<Data> for Permission {
    type Error = super::DataError;

    fn try_from(data: Data) -> Result<Self, Self::Error> {
        Ok(Self {
            name: super::wire::parse(&data.name)?,
            description: data.description,
            risk: data.risk,
            endpoints: super::wire::parse_all(&data.endpoints)?,
            implies: super::wire::parse_all(&data.implies)?,
            roles: super::wire::parse_all(&data.roles)?,
            builtin: false,
            retired: false,
        })
    }
}
