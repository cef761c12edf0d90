//! The reactions: reconcilers that look at what is and issue the commands that are missing.
//!
//! A worker has no input and no memory that matters: whatever wakes it, it compares, and what is so already yields
//! nothing. It knows no HTTP, no configuration and no particular engine.

pub mod erasure;
pub mod expiry;
mod reconciler;
pub mod registration;
mod runner;

pub use reconciler::{ReconcileError, Reconciler, Wake};
pub use runner::{PERIOD, Workers};

#[cfg(test)]
mod testing;
