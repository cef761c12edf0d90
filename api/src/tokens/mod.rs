//! Tokens: issue, list, show, rotate, revoke, and where they were used from.

pub(crate) mod answer;
mod ips;
mod issue;
mod list;
mod revoke;
mod rotate;
mod show;
pub(crate) mod shown;
mod used;

use schemars::JsonSchema;

use crate::app::App;
use crate::body::SchemaError;
use crate::routes::{Kit, Route};

/// Which token.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes the path's parameter")]
pub(crate) struct TokenPath {
    /// `tok_…`.
    id: String,
}

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![
        issue::route(kit)?,
        list::route(kit)?,
        show::route(kit)?,
        rotate::route(kit)?,
        revoke::route(kit)?,
        ips::route(kit)?,
    ])
}
