//! The usage log: lanes of blocks. The port is [`UsageLog`].

pub mod contract;
mod error;
mod memory;
mod place;
mod port;
mod sqlite;

pub use error::{AppendError, NotWritable, ReadError};
pub use memory::{MemoryUsageLog, Mishap};
pub use place::{Lane, NewBlock, Place, StoredBlock};
pub use port::{LARGEST_BLOCK, UsageLog};
pub use sqlite::{OpenError, Options, SqliteUsageLog};
