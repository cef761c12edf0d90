//! Tokens: issue, list, show, rotate, revoke.

pub(crate) mod answer;
mod issue;
mod list;
mod revoke;
mod rotate;
mod show;
pub(crate) mod shown;

use domain::ids::TokenId;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::body::SchemaError;
use crate::problem::Problem;
use crate::routes::{Kit, Route};

/// Which token.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct TokenPath {
    /// `tok_…`.
    id: String,
}

impl TokenPath {
    /// What names nothing is not there.
    pub(crate) fn id(&self) -> Result<TokenId, Problem> {
        self.id.parse().map_err(|_| Problem::not_found())
    }
}

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![issue::route(kit)?, list::route(kit)?, show::route(), rotate::route(kit)?, revoke::route(kit)?])
}
