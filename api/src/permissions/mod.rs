//! The catalogue of permissions.

mod list;
mod register;
mod show;

use domain::permission::Permission;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::body::SchemaError;
use crate::caller::Caller;
use crate::routes::{Access, Kit, Needs, Route};

/// Which permission.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes the path's parameter")]
pub(crate) struct PermissionPath {
    /// `resource:action`.
    name: String,
}

/// Whoever may read the catalogue, or define it.
const MAY_READ: Access =
    Access::Either { organization: Needs::PermissionsRead, platform: Needs::PlatformCatalogue };

/// One entry of the catalogue.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PermissionAnswer {
    /// `resource:action`.
    name: String,
    /// What it lets one do.
    description: String,
    /// How much harm it can do: `low`, `medium`, `high` or `critical`.
    risk: &'static str,
    /// The endpoints that it opens.
    endpoints: Vec<String>,
    /// The permissions that it gives with it.
    implies: Vec<String>,
    /// The built-in roles that grant it.
    roles: Vec<String>,
    /// Whether it is Counterfoil's own.
    builtin: bool,
    /// Whether it is withdrawn.
    retired: bool,
    /// Whether the caller can give it to a token.
    grantable: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    denied_because: Option<&'static str>,
}

impl PermissionAnswer {
    fn of(permission: &Permission, caller: &Caller) -> Self {
        let scope = domain::scope::Scope::Permission(permission.name.clone());
        let grantable = caller.power().covers(&scope, caller.credential.catalogue());
        Self {
            name: permission.name.to_string(),
            description: permission.description.clone(),
            risk: permission.risk.as_str(),
            endpoints: permission.endpoints.iter().map(ToString::to_string).collect(),
            implies: permission.implies.iter().map(ToString::to_string).collect(),
            roles: permission.roles.iter().map(ToString::to_string).collect(),
            builtin: permission.builtin,
            retired: permission.retired,
            grantable,
            denied_because: (!grantable).then_some("your credential, or your role, does not have it"),
        }
    }
}

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![list::route(kit)?, show::route(kit)?, register::route(kit)?])
}
