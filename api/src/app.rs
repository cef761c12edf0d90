//! What handlers answer with: the write side, the gate, the views, and the time.

use axum::response::Response;
use commands::{Commands, asked::Asked, clock::LedgerClock, recorder::Recorder};
use domain::{ids::OrganizationId, secret::Brand};
use projections::Position;
use projections::{
    audit::AuditQueries, decisions::DecisionQueries, gate::Gate, runner::Handle,
    token_addresses::TokenAddressQueries, token_list::TokenQueries, token_usage::TokenUsageQueries,
};
use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use crate::jobs::Told;
use crate::position::{self, Acknowledged, Incarnation};

/// Whether the process can do its work; asked by `/readyz`.
pub trait Readiness: Send + Sync {
    /// Each part that is not ready, in words.
    fn missing(&self) -> Vec<String>;

    /// What is not well although all is ready, in words.
    fn degraded(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What the interface is made of.
pub struct Parts {
    /// The write side.
    pub commands: Arc<Commands>,
    /// Who answers verifications.
    pub gate: Arc<Gate>,
    /// The time.
    pub clock: Arc<LedgerClock>,
    /// Lists of tokens.
    pub token_list: TokenQueries,
    /// When tokens were used.
    pub token_usage: TokenUsageQueries,
    /// Where tokens were used from.
    pub token_addresses: TokenAddressQueries,
    /// Search over all facts.
    pub audit: AuditQueries,
    /// Search over the recorded decisions.
    pub decisions: DecisionQueries,
    /// Every view that this process keeps, in the order in which they are listed.
    pub projections: Vec<Handle>,
    /// Which life of the ledger this is.
    pub incarnation: Incarnation,
    /// What secrets begin with.
    pub brand: Brand,
    /// Where decisions are taken in before they are answered.
    pub recorder: Arc<Recorder>,
    /// Whether all is ready.
    pub readiness: Arc<dyn Readiness>,
}

/// The handlers' state; cloning it copies a pointer.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) parts: Parts,
    acknowledged: Acknowledged,
    /// What earlier starts of this node may have answered for: all that there was at the first request.
    before: OnceLock<Position>,
    /// What was told of jobs.
    jobs: Told,
}

impl App {
    /// Puts the interface together.
    pub fn new(parts: Parts) -> Self {
        let (acknowledged, before, jobs) = Default::default();
        Self(Arc::new(Inner { parts, acknowledged, before, jobs }))
    }

    /// Notes that a command of an organisation was answered for, and says where on its answer. What was only tried
    /// is nothing to be waited for.
    pub(crate) fn acknowledge(
        &self,
        asked: &Asked,
        organization: Option<OrganizationId>,
        position: Position,
        mut response: Response,
    ) -> Response {
        if asked.dry_run {
            return response;
        }
        self.0.acknowledged.note(organization, position);
        position::put(response.headers_mut(), self.incarnation, position);
        response
    }

    /// Says on an answer which position it was read at.
    pub(crate) fn at(&self, position: Position, mut response: Response) -> Response {
        position::put(response.headers_mut(), self.incarnation, position);
        response
    }

    /// What was told of jobs.
    pub(crate) fn jobs(&self) -> &Told {
        &self.0.jobs
    }

    /// The position that a query of an organisation waits for, so that everybody reads their own writes: also those
    /// that were answered for before this process started.
    pub(crate) fn acknowledged(&self, organization: Option<OrganizationId>) -> Position {
        let before = *self.0.before.get_or_init(|| self.gate.position());
        before.max(self.0.acknowledged.last(organization))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
