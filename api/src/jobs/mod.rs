//! Long work: what has become of what was asked for.

mod answer;
mod show;
mod told;

use crate::app::App;
use crate::body::SchemaError;
use crate::routes::{Kit, Route};

pub(crate) use answer::JobAnswer;
pub(crate) use told::Told;

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![show::route(kit)?])
}
