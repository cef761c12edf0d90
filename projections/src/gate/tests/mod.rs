//! The gate, given facts.

mod answers;
mod behind;
mod callers;
mod following;
mod laws;
mod order;
mod scene;
mod story;
mod world;
