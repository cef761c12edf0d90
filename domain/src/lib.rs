//! What is true: ids, values, facts, and the rules that decide them.
//! It knows no clock, no randomness, no engine and no wire: time, ids and secrets come inside commands.

pub mod actor;
mod base62;
pub mod catalogue;
pub mod decider;
pub mod endpoint;
pub mod erasable;
pub mod fact;
pub mod ids;
pub mod member;
pub mod organization;
pub mod permission;
pub mod plan;
pub mod platform;
pub mod policy;
pub mod power;
pub mod role;
pub mod scope;
pub mod secret;
pub mod seen;
pub mod slug;
pub mod stream;
pub mod subject;
pub mod time;
pub mod token;
pub mod usage_gap;
