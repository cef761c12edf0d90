//! What every adapter of the ledger promises, held against the adapters of this crate, and what
//! the SQLite file promises beyond it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, also in what several of them use"
)]

mod careless;
mod contract;
mod damage;
mod mark;
mod sqlite;
