//! What runs besides: the gate's following and the pulse.

use std::sync::Arc;

use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};

use super::{
    core::Core,
    following,
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
        Self { stop, pulse, following }
    }

    pub(super) async fn stop(mut self) {
        self.stop.send_replace(true);
        // The gate only reads: nothing is lost when it is cut off.
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
