//! The service itself: who am I, and is it ready.

mod readyz;
mod whoami;

use crate::app::App;
use crate::body::SchemaError;
use crate::routes::{Kit, Route};

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![readyz::route(), whoami::route(kit)?])
}
