//! The read side: views that follow the logs, their queries, the gate. It changes nothing in a log, and
//! knows no HTTP.

pub mod audit;
pub mod decisions;
pub mod feed;
pub mod gate;
mod network;
pub mod runner;
mod search;
pub mod timers;
pub mod token_addresses;
pub mod token_list;
pub mod token_usage;
pub mod usage_feed;
pub mod who;

/// A place in the ledger: what every query of a view is answered at.
pub use eventlog::Position;

#[cfg(test)]
mod testing;
