//! The audit: search over all facts.

mod answer;
mod search;

use crate::app::App;
use crate::body::SchemaError;
use crate::routes::{Kit, Route};

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![search::route(kit)?])
}
