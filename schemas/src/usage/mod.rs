//! The usage log's blocks: every decision, in few bytes, personal data sealed.
//!
//! A [`SegmentWriter`] takes decisions and closes blocks; a [`ClosedBlock`] is sealed and encoded;
//! [`Block::decode`] reads any bytes; a [`SegmentReader`] turns blocks into decisions, starting
//! anywhere. Logs, clocks and keyrings are unknown here.

mod address;
mod block;
mod builder;
mod closed;
mod cursor;
mod decision;
mod dictionary;
mod directory;
mod error;
mod header;
mod numbers;
mod outcome;
mod packing;
mod phrases;
mod place;
mod reader;
mod record;
mod references;
mod request_id;
mod row;
mod sealed;
mod segment;
mod strings;
mod writer;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod lane;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod testing;

pub use address::Address;
pub use block::Block;
pub use builder::{BlockState, MAX_BYTES, MAX_ROWS, MAX_SPAN_US};
pub use closed::{ClosedBlock, MissingKey};
pub use decision::{
    Client, Cost, Credential, Decision, Endpoint, MAX_COSTS, MAX_TEXT_BYTES, Organization,
};
pub use error::BlockError;
pub use header::{Header, MAX_NUMBERED};
pub use outcome::{Layer, Outcome};
pub use place::{NodeStart, SegmentPlace, unauthenticated};
pub use reader::{ReadError, SegmentReader, Standing};
pub use record::{Opened, RecordedClient, RecordedDecision, Text};
pub use request_id::{Locator, MAX_COUNTER, RequestIds};
pub use sealed::ClientDetails;
pub use writer::{MAX_ENTRY_BYTES, MAX_SEGMENT_BYTES, PushError, SegmentWriter};
