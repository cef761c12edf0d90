//! Starts of nodes, and the gaps that those leave which are cut off.
//!
//! ```text
//! t0  this start is noted in the state        a crash from here on: the next start records a gap for this one
//! t1  for each earlier start that is noted:   its gap is appended, in a stream of its own
//! t2                                          and it is noted no more; a crash between appends nothing twice
//! t3  decisions are made, answered, durable
//! t4  a clean stop: all is durable, and this start is noted no more
//! ```

use domain::actor::Actor;
use domain::stream::StreamId;
use domain::time::Timestamp;
use domain::usage_gap::{self, Command, Gap};
use eventlog::usage::{Lane, Place, ReadError, UsageLog};
use schemas::usage::{Block, NodeStart};
use store::{OpenStart, SqlError};

use super::LANE;
use crate::context::Commands;
use crate::ledger::Order;
use crate::refusal::{Failure, Refusal};

/// The name under which gaps are recorded.
const ACTOR: &str = "recorder";
const SECOND_US: i64 = 1_000_000;

impl Commands {
    /// Begins a start of this node: notes it durably, and records the gap of each earlier one that has not ended.
    /// To be called before its first decision; calling it again, after a crash or a failure, adds nothing.
    ///
    /// # Errors
    /// When the state, the usage log or the ledger does not answer.
    pub async fn begin_node_start(
        &self,
        start: NodeStart,
        usage: &dyn UsageLog,
    ) -> Result<Vec<Gap>, Refusal> {
        let began_us = self.ledger.now().micros();
        self.state
            .note_start(OpenStart { start: start.0, lane: LANE.0, began_us })
            .await
            .map_err(|err| failed(&err))?;
        let mut gaps = Vec::new();
        for open in self.state.open_starts().await.map_err(|err| failed(&err))? {
            if open.start == start.0 {
                continue;
            }
            let gap = gap_of(&open, usage, Timestamp::from_micros(began_us)).await?;
            gaps.push(self.record_gap(gap).await?);
            self.state.note_end(open.start).await.map_err(|err| failed(&err))?;
        }
        Ok(gaps)
    }

    /// Ends a start of this node: all that it decided is durable, and it decides no more.
    ///
    /// # Errors
    /// When the state does not answer: the next start then records a gap in which nothing is missing.
    pub async fn end_node_start(&self, start: NodeStart) -> Result<(), Refusal> {
        Ok(self.state.note_end(start.0).await.map_err(|err| failed(&err))?)
    }

    async fn record_gap(&self, gap: Gap) -> Result<Gap, Refusal> {
        let actor = Actor::system(ACTOR);
        let order = Order::reaction(&actor, StreamId::UsageGap(gap.node_start), None, None);
        let command = Command::Record(gap.clone());
        let done = self.ledger.execute::<usage_gap::Rules>(&order, |_, _| Ok(command.clone())).await?;
        Ok(done.state.unwrap_or(gap))
    }
}

/// What may be missing of a start that was cut off.
async fn gap_of(open: &OpenStart, usage: &dyn UsageLog, until: Timestamp) -> Result<Gap, Failure> {
    let last = last_durable(Lane(open.lane), NodeStart(open.start), usage).await?;
    let since = last.map_or(open.began_us, |(_, latest_us)| latest_us.div_euclid(SECOND_US) * SECOND_US);
    let from = Timestamp::from_micros(since.max(open.began_us));
    Ok(Gap {
        node_start: NodeStart(open.start),
        lane: open.lane,
        after: last.map(|(place, _)| place.0),
        from,
        until: until.max(from),
    })
}

/// Place and time of the last decision of a start that is durable. It can only be in the lane's last block: whoever
/// wrote after it has recorded its gap before.
async fn last_durable(
    lane: Lane,
    start: NodeStart,
    usage: &dyn UsageLog,
) -> Result<Option<(Place, i64)>, Failure> {
    let head = *usage.head(lane).borrow();
    let before = Place(head.0.saturating_sub(1));
    let read = usage.read(lane, before, 1).await.map_err(|err| unreadable(&err))?;
    let Some(stored) = read.first() else { return Ok(None) };
    let block = Block::decode(&stored.bytes)
        .map_err(|err| Failure::Broken(format!("the last block of the usage log cannot be read: {err}")))?;
    let header = block.header();
    Ok((header.place.node_start == start).then(|| (stored.place, header.latest_us())))
}

fn unreadable(err: &ReadError) -> Failure {
    match err {
        ReadError::Unavailable(_) => Failure::Unavailable { engine: "usage log", why: err.to_string() },
        ReadError::Damaged { .. } | ReadError::Beyond { .. } => Failure::Broken(err.to_string()),
    }
}

fn failed(err: &SqlError) -> Failure {
    Failure::state(err.to_string())
}
