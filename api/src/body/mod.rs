//! Reading JSON bodies: strictly, and with all faults in one answer.
//!
//! A body is read in three steps, each of which adds its faults to the same list: [`strict`]
//! parsing (duplicate keys, limits, whole numbers), validation against the JSON Schema that
//! `schemars` derives from the body's type, and the domain's own checks of texts, which the
//! schema names as `format` and [`Formats`] holds.

pub mod formats;
mod media;
pub(crate) mod nearest;
pub mod not_yet;
pub(crate) mod path;
pub mod reader;
pub mod schema;
pub mod strict;
pub mod text;
mod translate;
pub(crate) mod validate;

pub use formats::{Formats, TextFormat};
pub use not_yet::NotYet;
pub use reader::BodyReader;
pub use schema::SchemaError;
pub use text::{Text, TextKind};
