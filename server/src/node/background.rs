//! What runs besides: the gate's following, its snapshots, the look at the ledger, and the pulse.

use std::sync::Arc;

use eventlog::EventLog as _;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};

use super::{
    core::Core,
    following,
    inspection::Inspection,
    pulse::{Health, Pulse},
};

/// The running tasks. Dropping the value cuts them off.
pub(super) struct Background {
    stop: watch::Sender<bool>,
    pulse: JoinSet<()>,
    following: JoinSet<()>,
}

impl Background {
    pub(super) fn start(core: &Core, health: Arc<Health>) -> Self {
        let stop = watch::Sender::new(false);
        let mut told = stop.subscribe();
        let beat = Pulse::new(core.log.clone(), Arc::clone(&core.state), Arc::clone(&core.gate), health);
        let (mut pulse, mut following) = (JoinSet::new(), JoinSet::new());
        pulse.spawn(beat.beat_until(async move { drop(told.wait_for(|it| *it).await) }));
        following.spawn(following::follow_ledger(Arc::clone(&core.follower)));
        following.spawn(Arc::clone(&core.snapshots).write_as_it_grows(core.log.head()));
        if let Some(snapshot) = core.begun.snapshot {
            let (log, state, snapshots) =
                (core.log.clone(), Arc::clone(&core.state), Arc::clone(&core.snapshots));
            following.spawn(Inspection { log, state, snapshots, end: snapshot.position }.run());
        }
        Self { stop, pulse, following }
    }

    pub(super) async fn stop(mut self) {
        self.stop.send_replace(true);
        // They only read, or write what is thrown away: nothing is lost when they are cut off.
        self.following.abort_all();
        for tasks in [&mut self.pulse, &mut self.following] {
            while let Some(ended) = tasks.join_next().await {
                if ended.as_ref().is_err_and(JoinError::is_panic) {
                    tracing::error!("a task of the node ended before its time");
                }
            }
        }
    }
}
