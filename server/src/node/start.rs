//! The steps of a start, in the one order in which nothing is lost however early it ends.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use api::{app::Parts, position::Incarnation};
use axum::Router;
use commands::{clock::TimeSource, recorder};
use domain::usage_gap::Gap;
use eventlog::{EventLog as _, usage::Lane};
use projections::{
    audit::{Audit, AuditQueries},
    decisions::{DecisionQueries, Decisions},
    runner::UsageLane,
    timers::{TimerQueries, Timers},
    token_addresses::{TokenAddressQueries, TokenAddresses},
    token_list::{TokenList, TokenQueries},
    token_usage::{TokenUsage, TokenUsageQueries},
    usage_feed::UsageFeed,
};
use schemas::usage::RequestIds;
use workers::{Reconciler, Workers, erasure::Erasure, expiry::Expiry, registration::Registration};

use super::{
    Node,
    background::Background,
    core::Core,
    listener::{Bound, router},
    pulse::Health,
    readiness::NodeReadiness,
    recording::{Recording, fresh_start},
    views::RunningViews,
};
use crate::{
    config::Config,
    operator::{give_first_token, settle_file},
};

/// A node that has all it needs and answers nobody yet. Dropping it gives the start up: no token was given away.
pub(crate) struct Prepared {
    core: Core,
    bound: Bound,
    views: RunningViews,
    background: Background,
    workers: Workers,
    recording: Recording,
    router: Router,
    operator_token_file: Option<PathBuf>,
}

/// What the interface asks.
struct Queries {
    token_list: TokenQueries,
    audit: AuditQueries,
    decisions: DecisionQueries,
    token_usage: TokenUsageQueries,
    token_addresses: TokenAddressQueries,
}

impl Prepared {
    /// All steps that may fail or take long.
    ///
    /// # Errors
    /// As [`Node::start`].
    pub(crate) async fn of(config: &Config, time: Arc<dyn TimeSource>) -> anyhow::Result<Self> {
        let operator_token_file = config.server.operator_token_file.clone();
        let (core, request_ids) = Core::open(config, time).await?;
        if let Some(path) = &operator_token_file {
            settle_file(&core, path)?;
        }
        // Taken before the first token is given: a start that finds it taken has told nobody anything.
        let bound = Bound::to(config.server.listen).await?;
        let mut views = RunningViews::open(core.folder.layout().views(), Arc::clone(&core.feed)).await?;
        let timers = TimerQueries::new(views.follow::<Timers>());
        let queries = follow(&mut views, &core, &request_ids);
        let health = Arc::new(Health::default());
        let background = Background::start(&core, Arc::clone(&health));
        // Before anybody is answered: what is half done now was left so by another start.
        let workers = Workers::start(reconcilers(&core, timers), &core.clock, &core.log.head());
        let recording = record(&core, request_ids, config).await?;
        let readiness = NodeReadiness {
            gate: Arc::clone(&core.gate),
            views: views.handles(),
            health,
            recorder: Arc::clone(recording.recorder()),
            clock: Arc::clone(&core.clock),
        };
        let router = router(parts(&core, &recording, queries, readiness).await?)?;
        Ok(Self { core, bound, views, background, workers, recording, router, operator_token_file })
    }

    /// The last steps: gives the operators their first token, if no start has done so, and answers everybody.
    ///
    /// Not to be cut off: a token that was appended is in the node that comes back, to be shown.
    ///
    /// # Errors
    /// When the token's file cannot be used, or the token cannot be appended.
    pub(crate) async fn answer(self) -> anyhow::Result<Node> {
        let Self { core, bound, views, background, workers, recording, router, operator_token_file } = self;
        let gaps = core.commands.begin_node_start(recording.node_start(), core.usage.as_ref()).await;
        for gap in gaps.context("failed to record what an earlier start was cut off in")? {
            let Gap { node_start, from, until, .. } = gap;
            tracing::warn!(%node_start, %from, %until, "a start was cut off: decisions may be missing; the ledger says so");
        }
        let operator = give_first_token(&core.commands, &core.brand, operator_token_file.as_deref()).await?;
        let listener = bound.serve(router);
        tracing::info!(address = %listener.address(), position = core.gate.position().0, "listening");
        Ok(Node { listener, recording, operator, workers, views, background, core })
    }
}

/// Starts a task for each view that the interface asks.
fn follow(views: &mut RunningViews, core: &Core, request_ids: &RequestIds) -> Queries {
    let usage = &core.usage_feed;
    let index = views.follow_lane::<Decisions>(lane(usage));
    let ids = Arc::new(request_ids.clone());
    Queries {
        decisions: DecisionQueries::new(index, Arc::clone(usage), ids),
        token_usage: TokenUsageQueries::new(views.follow_lane::<TokenUsage>(lane(usage))),
        token_addresses: TokenAddressQueries::new(views.follow_lane::<TokenAddresses>(lane(usage))),
        token_list: TokenQueries::new(views.follow::<TokenList>()),
        audit: AuditQueries::new(views.follow::<Audit>()),
    }
}

/// The lane of the usage log that a node of its own has.
fn lane<E>(usage: &Arc<UsageFeed>) -> UsageLane<E> {
    UsageLane::new(Arc::clone(usage), Lane(0))
}

fn reconcilers(core: &Core, timers: TimerQueries) -> Vec<Arc<dyn Reconciler>> {
    let expiry = Expiry::new(Arc::clone(&core.commands), timers, Arc::clone(&core.clock), core.log.head());
    let registration = Registration::new(
        Arc::clone(&core.commands),
        Arc::clone(&core.gate),
        core.log.clone(),
        Arc::clone(&core.clock),
    );
    let erasure = Erasure::new(Arc::clone(&core.commands), Arc::clone(&core.gate));
    vec![Arc::new(expiry), Arc::new(registration), Arc::new(erasure)]
}

/// Starts the recorder.
async fn record(core: &Core, request_ids: RequestIds, config: &Config) -> anyhow::Result<Recording> {
    let recording = Recording::start(recorder::Parts {
        log: core.usage.clone(),
        keyring: Arc::clone(&core.keyring),
        clock: Arc::clone(&core.clock),
        request_ids,
        node_start: fresh_start()?,
        incarnation: core.state.incarnation().await?,
        durability: config.audit.durability,
    })?;
    core.segment.of(recording.recorder());
    Ok(recording)
}

/// What the interface is made of.
async fn parts(
    core: &Core,
    recording: &Recording,
    queries: Queries,
    readiness: NodeReadiness,
) -> anyhow::Result<Parts> {
    let Queries { token_list, audit, decisions, token_usage, token_addresses } = queries;
    Ok(Parts {
        commands: Arc::clone(&core.commands),
        gate: Arc::clone(&core.gate),
        clock: Arc::clone(&core.clock),
        token_list,
        token_usage,
        token_addresses,
        audit,
        decisions,
        projections: readiness.views.clone(),
        incarnation: Incarnation(core.state.incarnation().await?),
        brand: core.brand.clone(),
        recorder: Arc::clone(recording.recorder()),
        readiness: Arc::new(readiness),
    })
}
