//! How facts look outside: the record and its codec, sealed boxes, usage blocks, JSON Schemas.
//! It knows no engine, no clock and no HTTP.

pub mod events;
pub mod record;
pub mod sealing;
pub mod usage;
