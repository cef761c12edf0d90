//! Load, decide, append: the way of every command.

mod append;
mod folds;
mod order;
mod queue;
mod read;

pub(crate) use folds::{Aggregate, Folded};
pub(crate) use order::Order;
pub use order::{Done, Outcome};

use crate::{
    clock::LedgerClock,
    context::{MacKey, Parts},
    fence::Fence,
};
use domain::{
    actor::Holder, ids::OrganizationId, member, organization, platform, subject, time::Timestamp, token,
    usage_gap,
};
use eventlog::EventLog;
use folds::FoldCache;
use queue::StreamQueues;
use schemas::{
    record::Fresh,
    sealing::{Keyring, Randomness},
};
use std::sync::Arc;

/// Folded states that are kept, of each kind of stream: one with the longest texts takes 25 KB, an ordinary one 1 KB.
const KEPT: usize = 5_000;

/// The write side's hold on the log.
pub(crate) struct Ledger {
    log: Arc<dyn EventLog>,
    keyring: Arc<Keyring>,
    fresh: Arc<Fresh>,
    clock: Arc<LedgerClock>,
    fence: Arc<dyn Fence>,
    randomness: Arc<dyn Randomness>,
    mac: MacKey,
    queues: StreamQueues,
    folds: Folds,
}

/// One bounded cache for each kind of stream.
pub(crate) struct Folds {
    pub(crate) platform: FoldCache<platform::Rules>,
    pub(crate) organization: FoldCache<organization::Rules>,
    pub(crate) member: FoldCache<member::Rules>,
    pub(crate) token: FoldCache<token::Rules>,
    pub(crate) subject: FoldCache<subject::Rules>,
    pub(crate) usage_gap: FoldCache<usage_gap::Rules>,
}

impl Ledger {
    pub(crate) fn new(parts: &Parts) -> Self {
        let folds = Folds {
            platform: FoldCache::keeping(1),
            organization: FoldCache::keeping(KEPT),
            member: FoldCache::keeping(KEPT),
            token: FoldCache::keeping(KEPT),
            subject: FoldCache::keeping(KEPT),
            usage_gap: FoldCache::keeping(1),
        };
        Self {
            log: Arc::clone(&parts.log),
            keyring: Arc::clone(&parts.keyring),
            fresh: Arc::clone(&parts.fresh),
            clock: Arc::clone(&parts.clock),
            fence: Arc::clone(&parts.fence),
            randomness: Arc::clone(&parts.randomness),
            mac: parts.keys.commands.clone(),
            queues: StreamQueues::default(),
            folds,
        }
    }

    pub(crate) fn live_tokens(&self, organization: OrganizationId) -> u64 {
        self.fence.live_tokens(organization)
    }

    pub(crate) fn live_tokens_of(&self, holder: Holder, at: Timestamp) -> u64 {
        self.fence.live_tokens_of(holder, at)
    }

    /// Now, by the ledger clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Lets go of all folded states: an opened text must not outlive its key here.
    pub(crate) fn forget_states(&self) {
        // A gap holds nobody's text.
        let Folds { platform, organization, member, token, subject, usage_gap: _ } = &self.folds;
        platform.clear();
        organization.clear();
        member.clear();
        token.clear();
        subject.clear();
    }

    pub(crate) fn randomness(&self) -> &dyn Randomness {
        self.randomness.as_ref()
    }
}
