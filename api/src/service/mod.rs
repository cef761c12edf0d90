//! The service itself: who am I, and is it ready.

mod readyz;
mod whoami;

use crate::app::App;
use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route<App>> {
    vec![readyz::route(), whoami::route()]
}
