//! Reading query strings: strictly, and with all faults in one answer.

mod base64url;
pub mod cursor;
pub mod paging;
mod pairs;
pub mod reader;
mod shape;

pub use cursor::Binding;
pub use paging::{DryRun, Nothing, Page, Paging, Seen};
pub use reader::{Asked, QueryReader};
