//! Reading query strings: strictly, and with all faults in one answer.

mod base64url;
pub mod cursor;
pub mod paging;
mod pairs;
pub mod reader;
mod shape;

pub use cursor::Binding;
pub use paging::{DryRun, Page, Paging};
pub use reader::{Asked, QueryReader};
