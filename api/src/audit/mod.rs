//! The audit: search over all facts and all decisions, and what is erased from them.

mod answer;
mod decisions;
mod erasures;
mod search;

use crate::app::App;
use crate::body::SchemaError;
use crate::routes::{Kit, Route};

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![search::route(kit)?, decisions::route(kit)?, erasures::route(kit)?])
}
