//! `POST /v1/verify` and `/v1/verify/batch`: may this token do this?

mod answer;
mod batch;
mod fast;
mod one;
mod question;

use domain::endpoint::is_method;
use projections::gate::{AskedEndpoint, Asker};

use crate::app::App;
use crate::body::SchemaError;
use crate::caller::Caller;
use crate::routes::{Access, Kit, Needs, Route};

/// Who may ask: about their organisation's tokens, or about all of them.
const MAY_ASK: Access = Access::Either { organization: Needs::TokensVerify, platform: Needs::PlatformVerify };

/// What the caller may ask about.
fn asker(caller: &Caller) -> Asker {
    caller.organization.map_or(Asker::Platform, Asker::Organization)
}

/// The endpoint that a client used. What is no method is asked about as a path that no pattern opens, so that
/// `ANY` does not open it either.
fn asked_endpoint<'q>(method: &'q str, path: &'q str) -> AskedEndpoint<'q> {
    let path = if is_method(method) { path } else { "" };
    AskedEndpoint { method, path }
}

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![one::route(kit)?, batch::route(kit)?])
}
