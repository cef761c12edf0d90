//! The record: one fact as bytes, encoded once and never re-written by any engine.
//!
//! It is JSON with its fields in this order, those with a question mark only where there is something to say:
//! `id, kind, stream, version, organization?, recorded_at, command? {id, mac, mac_key}, actor {kind, id, token?,
//! on_behalf_of?}, request? {id}, causation?, correlation?, boxes [{subject, box}], data`.
//!
//! A box is base64url of the subject's sealed fields, JSON again: `{data?, request? {ip?, user_agent?}}`. All
//! personal fields of one subject in one record lie in one box.

mod decode;
mod encode;
mod envelope;
mod fresh;

pub use decode::{DecodeError, Sealed};
pub use encode::{EncodeError, Unsealed, Written, encode, subjects};
pub use fresh::{Era, Fresh, Keeping, Made};

#[cfg(test)]
mod golden;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
