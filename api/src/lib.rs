//! HTTP and nothing else: parse, call, render.
//!
//! It knows no engine, no log and no rule of the business: those are asked for through the
//! layers below.

pub mod body;
pub mod edge;
pub mod openapi;
#[cfg(test)]
mod probe;
pub mod problem;
pub mod query;
pub mod routes;
