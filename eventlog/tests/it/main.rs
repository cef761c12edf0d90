//! What every adapter of the two logs promises, held against the adapters of this crate, and what
//! the SQLite files promise beyond it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, also in what several of them use"
)]

mod careless;
mod contract;
mod damage;
mod full;
mod mark;
mod small_disk;
mod sqlite;
mod usage_careless;
mod usage_contract;
mod usage_damage;
mod usage_full;
mod usage_golden;
mod usage_sqlite;
