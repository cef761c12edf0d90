//! Finishes organisations whose registration was cut off between its first and its second fact.
//!
//! A registration is a list of commands, one a stream. Where the process died in the middle, or the client left, the
//! organisation stands without its owner. What can be done without showing a secret is done here.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use commands::{Commands, Outcome, clock::LedgerClock};
use domain::{
    actor::Actor,
    ids::{EventId, OrganizationId},
    stream::StreamId,
    time::{Lifespan, Timestamp},
};
use eventlog::{EventLog, ReadError, StreamName, Version};
use parking_lot::Mutex;
use projections::gate::Gate;

use crate::{ReconcileError, Reconciler, Wake};

/// How long a registration may be on its way before it counts as cut off. Finishing one that is not only makes
/// this worker the actor of a fact that its caller would have added.
const ON_ITS_WAY: Lifespan = Lifespan::seconds(5);

const NAME: &str = "registration";

/// The worker.
pub struct Registration {
    commands: Arc<Commands>,
    gate: Arc<Gate>,
    log: Arc<dyn EventLog>,
    clock: Arc<LedgerClock>,
    actor: Actor,
    /// When each registration without an owner counts as cut off.
    due: Mutex<HashMap<OrganizationId, Timestamp>>,
}

impl Registration {
    /// The worker of a process that has not served anybody yet, its gate being at the head: whatever is without an
    /// owner now was cut off before.
    pub fn new(
        commands: Arc<Commands>,
        gate: Arc<Gate>,
        log: Arc<dyn EventLog>,
        clock: Arc<LedgerClock>,
    ) -> Self {
        let cut_off = gate.registrations_without_owner().into_iter();
        let due = Mutex::new(cut_off.map(|(id, _)| (id, Timestamp::EPOCH)).collect());
        Self { commands, gate, log, clock, actor: Actor::system(NAME), due }
    }

    /// The registrations that are cut off, and when the next one will count as that.
    fn cut_off(&self, now: Timestamp) -> (Vec<OrganizationId>, Wake) {
        let unfinished = self.gate.registrations_without_owner();
        let mut due = self.due.lock();
        let before = std::mem::take(&mut *due);
        for (id, _) in unfinished {
            let at = before.get(&id).copied().unwrap_or_else(|| now.plus(ON_ITS_WAY));
            due.insert(id, at);
        }
        let cut_off = due.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
        let next = due.values().filter(|at| now < **at).min();
        (cut_off, next.map_or(Wake::OnNews, |at| Wake::At(*at)))
    }

    async fn finish(&self, id: OrganizationId) -> Result<(), ReconcileError> {
        let cause = self.first_event(id).await?;
        let outcome = self.commands.finish_registration(&self.actor, id, cause).await?;
        if outcome == Outcome::Appended {
            tracing::info!(organization = %id, "a registration that was cut off is finished");
        }
        Ok(())
    }

    /// The fact that the registration began with.
    async fn first_event(&self, id: OrganizationId) -> Result<Option<EventId>, ReadError> {
        let stream = StreamName::new(StreamId::Organization(id).to_string());
        let read = self.log.read_streams(&[(stream, Version(0))]).await?;
        let first = read.first().and_then(|it| it.first());
        Ok(first.map(|it| EventId::from_bits(u128::from_be_bytes(it.event_id))))
    }
}

#[async_trait]
impl Reconciler for Registration {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn reconcile(&self) -> Result<Wake, ReconcileError> {
        let (cut_off, wake) = self.cut_off(self.clock.now());
        let mut failure = None;
        for id in cut_off {
            if let Err(err) = self.finish(id).await {
                failure.get_or_insert(err);
            }
        }
        failure.map_or(Ok(wake), Err)
    }
}

#[cfg(test)]
mod tests;
