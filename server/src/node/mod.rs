//! A running node: everything wired, in one process and one data folder.
//!
//! The order of a start: lock, keys, ledger (every page checked), state, the fold of all facts into the gate (every
//! record checked), clock, address, views, workers, the operators' token, and then everybody is answered. Whatever
//! does not fit stops it before that. A stop goes the other way.

pub(crate) mod core;
mod fence;
mod fold;
mod following;
pub(crate) mod keys;
mod listener;
mod mark;
mod pulse;
mod readiness;
mod request_ids;
mod shelf;
mod views;

use std::{error::Error, net::SocketAddr, sync::Arc};

use api::{app::Parts, position::Incarnation};
use commands::{Commands, clock::TimeSource};
use eventlog::EventLog as _;
use projections::{
    audit::{Audit, AuditQueries},
    gate::Gate,
    timers::{TimerQueries, Timers},
    token_list::{TokenList, TokenQueries},
};
use tokio::{sync::watch, task::JoinSet};
use workers::{Reconciler, Workers, expiry::Expiry, registration::Registration};

use self::core::Core;
use crate::{
    config::Config,
    operator::{OperatorToken, give_first_token},
};
use listener::{Bound, Listener, router};
use pulse::{Health, Pulse};
use readiness::NodeReadiness;
use request_ids::CountedIds;
use views::RunningViews;

/// A node that answers. Dropping it without [`stop`](Self::stop) is like killing it: nothing acknowledged is lost.
pub struct Node {
    listener: Listener,
    operator: Option<OperatorToken>,
    workers: Workers,
    views: RunningViews,
    background: Background,
    core: Core,
}

impl Node {
    /// Starts a node and answers from then on.
    ///
    /// # Errors
    /// With the remedy: when the folder is served by another process, when keys are missing, when the ledger is
    /// damaged or has lost facts, when the clock is far behind it, or when the address is taken.
    pub async fn start(config: &Config, time: Arc<dyn TimeSource>) -> anyhow::Result<Self> {
        let (core, request_ids) = Core::open(config, time).await?;
        let bound = Bound::to(config.server.listen).await?;
        let mut views = RunningViews::open(core.folder.layout().views(), Arc::clone(&core.feed)).await?;
        let timers = TimerQueries::new(views.follow::<Timers>());
        let token_list = TokenQueries::new(views.follow::<TokenList>());
        let audit = AuditQueries::new(views.follow::<Audit>());
        let health = Arc::new(Health::default());
        let background = Background::start(&core, Arc::clone(&health));
        // Before anybody is answered: what is half done now was left so by another start.
        let workers = Workers::start(reconcilers(&core, timers), &core.clock, &core.log.head());
        let readiness = NodeReadiness { gate: Arc::clone(&core.gate), views: views.handles(), health };
        let router = router(Parts {
            commands: Arc::clone(&core.commands),
            gate: Arc::clone(&core.gate),
            clock: Arc::clone(&core.clock),
            token_list,
            audit,
            incarnation: Incarnation(core.state.incarnation().await?),
            brand: core.brand.clone(),
            request_ids: Arc::new(CountedIds::new(request_ids)?),
            readiness: Arc::new(readiness),
        })?;
        // Last of all that may fail: a token is not given away by a start that does not come to its end.
        let file = config.server.operator_token_file.as_deref();
        let operator = give_first_token(&core.commands, &core.brand, file).await?;
        let listener = bound.serve(router);
        tracing::info!(address = %listener.address(), position = core.gate.position().0, "listening");
        Ok(Self { listener, operator, workers, views, background, core })
    }

    /// The address that it listens on, with the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The operators' token, where this start gave them one; once.
    pub fn take_operator_token(&mut self) -> Option<OperatorToken> {
        self.operator.take()
    }

    /// The gate that answers verifications.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.core.gate
    }

    /// The write side.
    pub fn commands(&self) -> &Arc<Commands> {
        &self.core.commands
    }

    /// Accepts no more, answers what runs (at most 10 s), ends workers and projections, and closes the files.
    pub async fn stop(self) {
        self.listener.stop().await;
        self.workers.stop().await;
        self.views.stop().await;
        self.background.stop().await;
        self.core.close().await;
        tracing::info!("stopped");
    }
}

fn reconcilers(core: &Core, timers: TimerQueries) -> Vec<Arc<dyn Reconciler>> {
    let expiry = Expiry::new(Arc::clone(&core.commands), timers, Arc::clone(&core.clock), core.log.head());
    let registration = Registration::new(
        Arc::clone(&core.commands),
        Arc::clone(&core.gate),
        core.log.clone(),
        Arc::clone(&core.clock),
    );
    vec![Arc::new(expiry), Arc::new(registration)]
}

/// What runs besides: the gate's following and the pulse. Dropping it cuts them off.
struct Background {
    stop: watch::Sender<bool>,
    pulse: JoinSet<()>,
    following: JoinSet<()>,
}

impl Background {
    fn start(core: &Core, health: Arc<Health>) -> Self {
        let stop = watch::Sender::new(false);
        let mut told = stop.subscribe();
        let beat = Pulse::new(core.log.clone(), Arc::clone(&core.state), Arc::clone(&core.gate), health);
        let (mut pulse, mut following) = (JoinSet::new(), JoinSet::new());
        pulse.spawn(beat.beat_until(async move { drop(told.wait_for(|it| *it).await) }));
        following.spawn(following::follow_ledger(Arc::clone(&core.follower)));
        Self { stop, pulse, following }
    }

    async fn stop(mut self) {
        self.stop.send_replace(true);
        // The gate only reads: nothing is lost when it is cut off.
        self.following.abort_all();
        for tasks in [&mut self.pulse, &mut self.following] {
            while let Some(ended) = tasks.join_next().await {
                if ended.as_ref().is_err_and(tokio::task::JoinError::is_panic) {
                    tracing::error!("a task of the node ended before its time");
                }
            }
        }
    }
}

/// An error with all that it was caused by.
fn chain(err: &dyn Error) -> String {
    let mut text = err.to_string();
    let mut source = err.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
