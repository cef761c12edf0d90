//! The views: how far each is, and building one again.

mod answer;
mod list;
mod rebuild;

use crate::app::App;
use crate::body::SchemaError;
use crate::routes::{Kit, Route};

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![list::route(kit)?, rebuild::route(kit)?])
}
