//! The gate, given facts.

mod answers;
mod callers;
mod following;
mod laws;
mod order;
mod story;
mod world;
