use std::sync::Arc;

use eventlog::Leaf;
use eventlog::usage::{Lane, Place};
use schemas::usage::{Block, Header, NodeStart, RecordedClient, RecordedDecision};

/// One block of a lane, opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageBlock {
    /// Its lane.
    pub lane: Lane,
    /// Its place there.
    pub place: Place,
    /// The hash of what is stored, as [`Leaf::of`] makes it.
    pub leaf: Leaf,
    /// How many bytes are stored.
    pub bytes: usize,
    /// As it is stored: its header, its references, its entries.
    pub block: Block,
    /// How many decisions of each organisation (none: of no organisation) the rows stand for.
    pub counts: Vec<(Option<u128>, u64)>,
    /// The clients that it adds to its segment; what was erased is so.
    pub clients: Vec<Arc<RecordedClient>>,
    /// The organisation of each row, by its number in the segment.
    pub tenants: Vec<Option<u32>>,
    /// Its rows; what was erased is so.
    pub decisions: Vec<RecordedDecision>,
}

impl UsageBlock {
    /// What the block says of itself.
    pub fn header(&self) -> &Header {
        self.block.header()
    }
}

/// How far a lane has been read: what a reader needs to go on after it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    /// The place of the last block read or dropped; 0 is none.
    pub place: Place,
    /// The greatest sequence read of each node start, the one read last at the end; at most 1,024.
    /// A block that was appended twice may lie on both sides of the place.
    pub has_read: Vec<(NodeStart, u64)>,
}

/// Some consecutive blocks of a lane.
#[derive(Clone, Debug)]
pub struct UsagePage {
    /// The blocks, in the order of the lane. Empty: there is no more.
    pub blocks: Vec<Arc<UsageBlock>>,
    /// Where the lane is read up to now: behind the last block and any repeats that follow it.
    pub mark: Mark,
    /// The last place that the lane had when the page was read.
    pub head: Place,
}
