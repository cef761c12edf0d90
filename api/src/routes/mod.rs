//! One table of operations, from which both the router and `/openapi.json` are made, so that
//! what is described and what is served cannot differ.

pub mod access;
pub mod headers;
pub mod kit;
pub mod livez;
pub mod needs;
pub mod operation;
pub mod segment;
mod table;
mod unknown;

pub use access::Access;
pub use kit::Kit;
pub use needs::Needs;
pub use operation::{Operation, Route};
pub use segment::Segment;
pub(crate) use table::parameter_names;
pub use table::{Table, TableError};
