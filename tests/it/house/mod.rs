//! The rules of the house, each a test that says why when it fails.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod architecture;
mod criteria;
mod documents;
mod guarantees;
mod tidy;
mod tree;
