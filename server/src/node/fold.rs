//! The full fold: the gate reads the whole ledger before anybody is answered.

use anyhow::Context;
use domain::time::Timestamp;
use eventlog::{Limit, Position};
use projections::{feed::Feed, gate::Gate};

use super::mark::Mark;

/// What is read at once.
const PAGE: Limit = Limit { records: 4_096, bytes: 4 << 20 };

/// Folds the whole ledger into the gate; gives log time, the greatest at which any fact was recorded.
///
/// Each record is held against its leaf on the way, and one against what was seen of the ledger before.
///
/// # Errors
/// With the place, when a record is not what was appended, cannot be read, or is not what was seen.
pub(crate) async fn fold_ledger(feed: &Feed, gate: &Gate, seen: Option<Mark>) -> anyhow::Result<Timestamp> {
    let mut log_time = Timestamp::EPOCH;
    let mut head = Position(0);
    loop {
        let page = feed.page(gate.position(), PAGE).await;
        let page = page.context("the ledger cannot be served: put it back from a backup")?;
        for event in &page.events {
            log_time = log_time.max(event.recorded.recorded_at);
            seen.map_or(Ok(()), |it| it.check(event.position, event.leaf))?;
        }
        gate.apply(&page.events).context("the ledger cannot be served")?;
        head = head.max(page.head);
        if page.events.is_empty() || head <= gate.position() {
            break;
        }
    }
    seen.map_or(Ok(()), |it| it.check_head(gate.position()))?;
    Ok(log_time)
}
