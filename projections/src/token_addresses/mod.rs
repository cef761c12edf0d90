//! Where tokens were used from: one row a token and address.
//!
//! Like [`token_usage`](crate::token_usage) it follows the usage log in two exact steps, by way of
//! [`AddressHour`]s. Refused calls are part of the history, but for those of callers whom the token does not
//! concern: they could write into it what they like. Peeks are no calls.
//!
//! An address is a part of its row's key, so that of an erased subject no row is left; a rebuild, which finds no
//! key to open the address with, makes none.

mod address_hour;
mod agents;
mod projector;
mod queries;
mod row;
mod sightings;

pub use address_hour::AddressHour;
pub use agents::{MOST_USER_AGENTS, UserAgents};
pub use projector::TokenAddresses;
pub use queries::{AddressPage, Cursor, TokenAddressQueries};
pub use row::SeenAddress;
pub use sightings::Sightings;

#[cfg(test)]
mod tests;
