//! The write side: who may ask for what; load the facts, decide, append, and wait until the gate knows.
//! It knows no view, no HTTP and no particular engine.

pub mod asked;
pub mod clock;
pub mod erasures;
pub mod fence;
mod ledger;
pub mod operators;
pub mod organizations;
pub mod permissions;
pub mod recorder;
pub mod refusal;
mod secrets;
pub mod tokens;

mod address;
mod context;

pub use context::{Commands, Keys, MacKey, Parts};
pub use ledger::{Done, Outcome};

#[cfg(test)]
mod tests;
