//! Where facts lie: the ports of the logs, the contract suite that every adapter keeps, and the
//! adapters. This crate knows bytes, streams and positions; it does not know what a fact means,
//! and nothing of tokens, organisations or HTTP.

pub mod ledger;
mod report;
mod sqlite;
pub mod usage;

pub use ledger::{
    Append, AppendError, Appended, EventLog, LARGEST_RECORD, Leaf, Limit, MemoryLog, NewRecord, OpenError,
    Page, Position, ReadError, SqliteLog, StoredRecord, StreamName, Version, contract,
};
