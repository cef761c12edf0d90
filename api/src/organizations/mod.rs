//! Organisations.

mod register;

use crate::app::App;
use crate::body::SchemaError;
use crate::routes::{Kit, Route};

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![register::route(kit)?])
}
