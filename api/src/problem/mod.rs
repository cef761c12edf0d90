//! Refusals and failures as RFC 9457 problem details.
//!
//! [`Code`] lists every problem this service can answer, [`Problem`] is one such answer, and
//! [`pages`] serves what each code means. A code never changes its meaning.

pub mod code;
pub mod details;
pub mod explanation;
pub mod fault;
pub mod pages;
mod render;

pub use code::Code;
pub use details::Problem;
pub use fault::{FieldCode, FieldFault};
