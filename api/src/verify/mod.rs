//! `POST /v1/verify` and `/v1/verify/batch`: may this token do this?

mod answer;
mod batch;
mod fast;
mod one;
mod question;

use std::net::IpAddr;

use domain::endpoint::is_method;
use domain::time::Timestamp;
use projections::gate::{AskedEndpoint, Asker, Question};
use schemas::usage::{self, Circumstances, Endpoint};

use crate::app::App;
use crate::body::SchemaError;
use crate::caller::Caller;
use crate::routes::{Access, Kit, Needs, Route};

/// Who may ask: about their organisation's tokens, or about all of them.
const MAY_ASK: Access = Access::Either { organization: Needs::TokensVerify, platform: Needs::PlatformVerify };

/// Who asks: what they may ask about, and the column that they are.
#[derive(Clone, Copy)]
struct Asks {
    about: Asker,
    recorded_as: usage::Asker,
}

impl Asks {
    fn of(caller: &Caller) -> Self {
        let organization = caller.organization;
        let credential = caller.credential.recorded_as();
        Self {
            about: organization.map_or(Asker::Platform, Asker::Organization),
            recorded_as: usage::Asker { credential, organization },
        }
    }
}

/// A question, and what is recorded with its answer.
struct Told<'q> {
    question: Question<'q>,
    /// The endpoint as the client used it.
    endpoint: Option<Endpoint<'q>>,
    ip: Option<IpAddr>,
    user_agent: Option<&'q str>,
    client_request_id: Option<&'q str>,
}

impl<'q> Told<'q> {
    fn circumstances(&self, asks: Asks, now: Timestamp) -> Circumstances<'q> {
        Circumstances {
            time_us: now.micros(),
            asker: Some(asks.recorded_as),
            permissions: self.question.permissions,
            endpoint: self.endpoint,
            address: self.ip,
            user_agent: self.user_agent,
            client_request_id: self.client_request_id,
        }
    }
}

/// The endpoint that a client used. What is no method is asked about as a path that no pattern opens, so that
/// `ANY` does not open it either.
fn asked(endpoint: Endpoint<'_>) -> AskedEndpoint<'_> {
    let Endpoint { method, path } = endpoint;
    AskedEndpoint { method, path: if is_method(method) { path } else { "" } }
}

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![one::route(kit)?, batch::route(kit)?])
}
