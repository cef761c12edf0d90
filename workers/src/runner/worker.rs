//! One worker's task.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use commands::clock::LedgerClock;
use domain::time::Timestamp;
use eventlog::Position;
use futures_util::FutureExt;
use tokio::sync::watch;
use tracing::Instrument;

use super::{PERIOD, trouble::Trouble};
use crate::{Reconciler, Wake};

/// The least time between two looks, so that a busy ledger does not have workers look at every fact.
const BREATH: Duration = Duration::from_millis(50);

/// A reconciler and what wakes it.
pub(super) struct Worker {
    reconciler: Arc<dyn Reconciler>,
    clock: Arc<LedgerClock>,
    head: watch::Receiver<Position>,
    trouble: Trouble,
}

impl Worker {
    pub(super) fn new(
        reconciler: Arc<dyn Reconciler>,
        clock: Arc<LedgerClock>,
        head: watch::Receiver<Position>,
    ) -> Self {
        let trouble = Trouble::none(reconciler.name());
        Self { reconciler, clock, head, trouble }
    }

    /// Looks, acts and rests until it is told to stop; a look that has begun is finished.
    pub(super) async fn run_until(mut self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        loop {
            self.head.borrow_and_update();
            let rest = self.look().await;
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = self.rest(rest) => {}
            }
        }
    }

    async fn look(&mut self) -> Rest {
        let span = tracing::info_span!("react", worker = self.reconciler.name());
        let looking = AssertUnwindSafe(self.reconciler.reconcile()).catch_unwind();
        match looking.instrument(span).await {
            Ok(Ok(wake)) => {
                self.trouble.over();
                Rest::UntilWoken(wake)
            }
            Ok(Err(err)) => Rest::For(self.trouble.failed(&err)),
            Err(panic) => Rest::For(self.trouble.panicked(words(panic.as_ref()))),
        }
    }

    async fn rest(&mut self, rest: Rest) {
        match rest {
            Rest::For(wait) => tokio::time::sleep(wait).await,
            Rest::UntilWoken(wake) => {
                let until = self.latest(wake);
                tokio::time::sleep(BREATH).await;
                tokio::select! {
                    () = news(&mut self.head) => {}
                    () = reached(&self.clock, until) => {}
                }
            }
        }
    }

    fn latest(&self, wake: Wake) -> Timestamp {
        let period = self.clock.now().plus(PERIOD);
        match wake {
            Wake::OnNews => period,
            Wake::At(instant) => instant.min(period),
        }
    }
}

/// What follows a look.
enum Rest {
    /// Waiting before it is tried again.
    For(Duration),
    /// Sleeping until there is a reason to look.
    UntilWoken(Wake),
}

/// Ready when the head has moved since it was last looked at; never once the ledger is closed.
async fn news(head: &mut watch::Receiver<Position>) {
    if head.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn reached(clock: &LedgerClock, until: Timestamp) {
    while clock.now() < until {
        clock.towards(until).await;
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without words")
}
