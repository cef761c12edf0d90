//! One struct per concern, and how its keys are checked.

mod audit;
mod engines;
mod gate;
mod keys;
mod log;
mod server;

pub use audit::Audit;
pub use engines::{EngineUrl, Ledger, State, Views};
pub use gate::Gate;
pub use keys::Keys;
pub use log::{Log, LogFormat};
pub use server::Server;

use std::path::PathBuf;

use super::{reader::Impossible, setting::Value};

/// The text of a value.
fn text(value: &Value) -> Result<&str, Impossible> {
    let refused = |kind| Impossible::new(format!("text is needed, not {kind}"), "quote it");
    match value {
        Value::Text(text) if text.is_empty() => {
            Err(Impossible::new("the text is empty", "write a value, or leave the key out"))
        }
        Value::Text(text) => Ok(text),
        Value::Bool(_) => Err(refused("a boolean")),
        Value::Other(kind) => Err(refused(kind)),
    }
}

/// A path, as it is written.
fn path(value: &Value) -> Result<PathBuf, Impossible> {
    text(value).map(PathBuf::from)
}

/// `true` or `false`; from the environment as text.
fn boolean(value: &Value) -> Result<bool, Impossible> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::Text(text) if text == "true" => Ok(true),
        Value::Text(text) if text == "false" => Ok(false),
        Value::Text(_) | Value::Other(_) => {
            Err(Impossible::new("the value is neither true nor false", "write true or false"))
        }
    }
}
