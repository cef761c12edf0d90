//! Scenarios by requirement, house rules, faults on real processes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking, and say what they drew by chance"
)]

mod faults;
mod house;
mod readme_tour;
mod scenarios;
mod support;
