//! What tokens were used for: one row a token, and one a secret version.
//!
//! It follows the usage log in two exact steps: the decisions of a block become partials ([`SecretHour`], one an
//! hour of the lane and secret version), and rows are the fold of partials. A partial merges with another of its
//! key in any order and grouping, so that a sealed rollup of an hour can stand for all of its blocks.
//!
//! A *use* is a decision that was VALID. Peeks are no calls.

mod last_use;
mod partial;
mod projector;
mod queries;
mod row;
mod secret_hour;
mod secret_row;
mod tally;

pub use last_use::LastUse;
pub(crate) use last_use::address;
pub use partial::{Hour, Partial, partials};
pub use projector::TokenUsage;
pub use queries::{TokenUsageQueries, Used, UsedAt, UsedSecret};
pub use row::UsedToken;
pub use secret_hour::SecretHour;
pub use tally::Tally;

#[cfg(test)]
mod tests;
