//! The ledger: one ordered log of records, each in one stream. The port is [`EventLog`].

pub mod contract;
mod error;
mod memory;
mod place;
mod port;
mod record;
mod sqlite;

pub use error::{AppendError, ReadError};
pub use memory::MemoryLog;
pub use place::{Position, StreamName, Version};
pub use port::{EventLog, LARGEST_RECORD, Limit, Page};
pub use record::{Append, Appended, Leaf, NewRecord, StoredRecord};
pub use sqlite::{OpenError, SqliteLog};
