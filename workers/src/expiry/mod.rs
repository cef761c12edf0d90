//! Notes that tokens' time is over: `token.expired`, within a second of the moment and exactly once.
//!
//! The gate refuses a token from that instant on, whatever this worker does: the fact is for the record. What is
//! due is a view of the facts, and the fact that follows removes the row; a crash, a restart, a clock that steps or a
//! view that is built again can only have a row fired again, and firing it again adds nothing.

mod held;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use commands::{Commands, clock::LedgerClock, refusal::Refusal};
use domain::{
    actor::Actor,
    time::{Lifespan, Timestamp},
};
use eventlog::Position;
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use projections::{
    runner::{QueryError, WaitError},
    timers::{Timer, TimerQueries},
};
use tokio::sync::watch;

use crate::{ReconcileError, Reconciler, Wake};
use held::Held;

/// Timers fired in one go.
const BATCH: usize = 1_000;

/// Commands on their way at once: the ledger stores those that wait in one commit.
const AT_ONCE: usize = 64;

/// How long the view may take to follow before that counts as a failure.
const PATIENCE: Duration = Duration::from_secs(1);

/// When to look again for a row that is still there although it was fired.
const NOT_BEFORE: Lifespan = Lifespan::seconds(1);

const NAME: &str = "expiry";

/// The worker.
pub struct Expiry {
    commands: Arc<Commands>,
    timers: TimerQueries,
    clock: Arc<LedgerClock>,
    head: watch::Receiver<Position>,
    actor: Actor,
    held: Mutex<Held>,
}

impl Expiry {
    /// Over the timers of a ledger whose head is `head`.
    pub fn new(
        commands: Arc<Commands>,
        timers: TimerQueries,
        clock: Arc<LedgerClock>,
        head: watch::Receiver<Position>,
    ) -> Self {
        Self { commands, timers, clock, head, actor: Actor::system(NAME), held: Mutex::default() }
    }

    /// Waits, within bounds, until the timers know that position.
    async fn known(&self, position: Position) -> Result<(), WaitError> {
        self.timers.view().handle().wait_for(position, PATIENCE).await.map(drop)
    }

    /// What is due at `now` and does not wait for itself, at most a batch.
    async fn due(&self, now: Timestamp) -> Result<Vec<Timer>, QueryError> {
        let held = self.held.lock().len();
        let due = self.timers.due(now, BATCH.saturating_add(held)).await?;
        let mut free = self.held.lock().free(due, now);
        free.truncate(BATCH);
        Ok(free)
    }

    /// Fires what is due; answers the last position that came of it. One that cannot be fired waits for itself.
    ///
    /// # Errors
    /// With the first reason, when too many cannot be fired; all were tried.
    async fn fire(&self, due: Vec<Timer>) -> Result<Position, Refusal> {
        let tried = stream::iter(due).map(|it| self.try_to_expire(it)).buffer_unordered(AT_ONCE);
        let fold =
            |sum: Result<Position, Refusal>, one: Result<Position, Refusal>| async { Ok(sum?.max(one?)) };
        tried.fold(Ok(Position(0)), fold).await
    }

    async fn try_to_expire(&self, timer: Timer) -> Result<Position, Refusal> {
        let token = timer.token;
        let outcome = self.expire(timer).await;
        let mut held = self.held.lock();
        match outcome {
            Ok(position) => {
                held.fired(token);
                Ok(position)
            }
            Err(why) => held.failed(token, why, self.clock.now()).map(|()| Position(0)),
        }
    }

    async fn expire(&self, timer: Timer) -> Result<Position, Refusal> {
        let Timer { token, organization, cause, .. } = timer;
        let done = self.commands.expire_token(&self.actor, token, organization, Some(cause)).await?;
        Ok(done.position)
    }

    /// When to look again, where all that was due at `now` was fired, or only the first of it.
    async fn next(&self, now: Timestamp, is_all: bool) -> Result<Wake, ReconcileError> {
        let held = self.held.lock().len();
        let first = self.timers.due(Timestamp::MAX, held.saturating_add(1)).await?;
        let held = self.held.lock();
        let not_before = if is_all { now.plus(NOT_BEFORE) } else { now };
        let free = held.first_free(&first).map(|it| if it.due_at <= now { not_before } else { it.due_at });
        let at = free.into_iter().chain(held.next()).min();
        Ok(at.map_or(Wake::OnNews, Wake::At))
    }
}

#[async_trait]
impl Reconciler for Expiry {
    fn name(&self) -> &'static str {
        NAME
    }

    /// ```text
    /// t0  the head has news, and the view may not know it yet   so the view is waited for, at most 1 s
    /// t1  what is due is fired                                  also where the view lags: what it knows is so
    /// t2  the view is waited for again                          else the same rows would be found again at once
    /// ```
    async fn reconcile(&self) -> Result<Wake, ReconcileError> {
        let head = *self.head.borrow();
        let followed = self.known(head).await;
        let now = self.clock.now();
        let due = self.due(now).await?;
        let is_all = due.len() < BATCH;
        self.known(self.fire(due).await?).await?;
        followed?;
        self.next(now, is_all).await
    }
}

#[cfg(test)]
mod tests;
