//! The views of a usage log, running.

use std::sync::Arc;

use schemas::usage::RecordedDecision;

use super::usage::{LANE, Usage};
use crate::runner::check::Running;
use crate::runner::{OfBlock, Projection, UsageLane};
use crate::token_addresses::{TokenAddressQueries, TokenAddresses};
use crate::token_usage::{TokenUsage, TokenUsageQueries};
use crate::usage_feed::Mark;

impl Usage {
    /// Its lane, for projections that fold `E`, with a feed of its own.
    pub(crate) fn lane<E: OfBlock>(&self) -> Arc<UsageLane<E>> {
        Arc::new(UsageLane::new(self.fresh_feed(), LANE))
    }

    /// All its decisions, in order.
    pub(crate) async fn decisions(&self) -> Vec<RecordedDecision> {
        let mut follower = self.feed.follow(LANE, Mark::default());
        let mut decisions = Vec::new();
        loop {
            let page = follower.page(16).await.unwrap();
            if page.blocks.is_empty() {
                return decisions;
            }
            decisions.extend(page.blocks.iter().flat_map(|it| it.decisions.clone()));
        }
    }

    /// Deletes the key of a holder, and all that is opened.
    pub(crate) async fn erase(&self, subject: &str) {
        self.close(1).await;
        self.erased.lock().push(subject.to_owned());
        self.keyring.forget(subject).await.unwrap();
        self.feed.forget(subject);
    }

    /// What its tokens were used for.
    pub(crate) async fn token_usage(&self) -> (TokenUsageQueries, Running) {
        let running = Running::start_of(Projection::of::<TokenUsage>(), self.lane());
        running.caught_up(self).await;
        (TokenUsageQueries::new(running.view()), running)
    }

    /// Where its tokens were used from.
    pub(crate) async fn token_addresses(&self) -> (TokenAddressQueries, Running) {
        let running = Running::start_of(Projection::of::<TokenAddresses>(), self.lane());
        running.caught_up(self).await;
        (TokenAddressQueries::new(running.view()), running)
    }
}
