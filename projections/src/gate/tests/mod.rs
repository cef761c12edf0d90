//! The gate, given facts.

mod answers;
mod behind;
mod callers;
mod following;
mod laws;
mod order;
mod scene;
mod snapshots;
mod snapshots_doubted;
mod snapshots_golden;
mod story;
mod world;
