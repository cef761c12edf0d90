//! Segments: which block comes next, and how it gets into the usage log.

use std::sync::Arc;
use std::time::Duration;

use eventlog::usage::{AppendError, NewBlock, Place, UsageLog};
use schemas::sealing::KeySet;
use schemas::usage::{BlockState, ClosedBlock, Decision, NodeStart, PushError, SegmentWriter, day_of};

use super::LANE;
use super::writer::{GivenUp, Patience};

/// How long one append may take before it is tried again.
const APPEND_WITHIN: Duration = Duration::from_secs(5);

/// Writes segments, one after the other.
pub(super) struct Segments {
    log: Arc<dyn UsageLog>,
    writer: SegmentWriter,
    /// Where the segment's first block lies.
    first_block: Place,
}

impl Segments {
    pub(super) fn new(log: Arc<dyn UsageLog>, node_start: NodeStart, incarnation: u32) -> Self {
        Self { log, writer: SegmentWriter::new(node_start, LANE.0, incarnation), first_block: Place(0) }
    }

    /// Takes a decision into the open block, and says whether that is full.
    pub(super) fn push(&mut self, decision: &Decision<'_>) -> Result<bool, PushError> {
        self.writer.push(decision).map(|it| it == BlockState::Full)
    }

    /// Closes the open block, if it has rows, and appends it.
    pub(super) async fn close_block(&mut self, keys: &KeySet, patience: Patience<'_>) -> Result<(), GivenUp> {
        match self.writer.close_block() {
            Some(closed) => self.append(&closed, keys, patience).await,
            None => Ok(()),
        }
    }

    /// Ends the segment with its open block; the next one begins.
    pub(super) async fn end(&mut self, keys: &KeySet, patience: Patience<'_>) -> Result<(), GivenUp> {
        let last = self.writer.end_segment();
        match last {
            Some(closed) => self.append(&closed, keys, patience).await,
            None => Ok(()),
        }
    }

    /// Appends a block, the same bytes again and again until they are stored: the blocks after it build on it.
    async fn append(
        &mut self,
        closed: &ClosedBlock,
        keys: &KeySet,
        mut patience: Patience<'_>,
    ) -> Result<(), GivenUp> {
        let bytes = match closed.encode(keys, self.first_block.0) {
            Ok(bytes) => bytes,
            // Its keys were gathered with its rows.
            Err(err) => return patience.broken(err.to_string()),
        };
        // No decision is older than 1970.
        let day = u32::try_from(day_of(closed.first_us())).unwrap_or_default();
        let block = NewBlock { day, bytes: bytes.into() };
        loop {
            match self.try_append(block.clone()).await {
                Ok(place) => {
                    if closed.is_first() {
                        self.first_block = place;
                    }
                    patience.end();
                    return Ok(());
                }
                Err(err @ (AppendError::Size { .. } | AppendError::NoLane(_))) => {
                    return patience.broken(err.to_string());
                }
                Err(err @ (AppendError::Full | AppendError::Unavailable(_) | AppendError::Unknown(_))) => {
                    patience.after(err.to_string()).await?;
                }
            }
        }
    }

    async fn try_append(&self, block: NewBlock) -> Result<Place, AppendError> {
        match tokio::time::timeout(APPEND_WITHIN, self.log.append(LANE, block)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(AppendError::Unknown("no answer within 5 seconds".to_owned())),
        }
    }
}
