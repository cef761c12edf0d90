//! The gate follows the ledger in the background, whoever waits for it or not.

use std::{sync::Arc, time::Duration};

use projections::gate::{ApplyError, GateFollower, ReachError};

use projections::runner::chain;

/// How long to wait before a ledger that could not be read is read again.
const BETWEEN_TRIES: Duration = Duration::from_millis(250);

/// Follows for ever; dropping it ends it. A gate that is damaged is left alone: it answers nothing any more, and
/// says so.
pub(crate) async fn follow_ledger(follower: Arc<GateFollower>) {
    let mut said = None;
    loop {
        let Err(err) = follower.follow().await else { return };
        let reason = chain(&err);
        if let ReachError::Apply(ApplyError::Damaged(_)) = err {
            tracing::error!(reason, "the gate answers nothing any more: verifications are refused");
            return;
        }
        if said.as_ref() != Some(&reason) {
            tracing::error!(reason, "the gate cannot follow the ledger and tries again");
            said = Some(reason);
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
}
