//! `POST /v1/verify` and `/v1/verify/batch`: may this token do this?

mod answer;
mod batch;
mod fast;
mod one;
mod question;

use domain::ids::OrganizationId;
use projections::gate::Asker;

use crate::app::App;
use crate::body::SchemaError;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::{Kit, Route};

/// What the caller may ask about: its organisation's tokens, or all of them.
fn asker(caller: &Caller) -> Result<Asker, Problem> {
    match caller.organization {
        Some(organization) => own(caller, organization),
        None => caller.require("platform:verify").map(|()| Asker::Platform),
    }
}

fn own(caller: &Caller, organization: OrganizationId) -> Result<Asker, Problem> {
    caller.require("tokens:verify").map(|()| Asker::Organization(organization))
}

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![one::route(kit)?, batch::route(kit)?])
}
