//! What holds for every request and every answer, whatever the route.
//!
//! It is one light wrapper and a few plain functions rather than a stack of layers, because the
//! route that verifies tokens pays for each of them on every call.

pub mod accept;
pub mod headers;
mod receive;
pub mod request_id;
pub mod service;

pub use receive::{body_too_large, receive_body};
pub use request_id::RequestIds;
pub use service::Edge;
