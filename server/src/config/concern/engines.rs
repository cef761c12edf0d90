//! `[ledger]`, `[state]`, `[views]`: which engine holds what.

use std::fmt;

use super::text;
use crate::config::{
    reader::{Impossible, Reader, Refused},
    setting::Value,
};

/// An engine, by the scheme of its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineUrl {
    /// `sqlite:`, a file in the data folder.
    Sqlite,
}

impl fmt::Display for EngineUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite => out.write_str("sqlite:"),
        }
    }
}

/// Where facts lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// `ledger.url`.
    pub url: EngineUrl,
}

/// Where the state lies that is neither fact nor view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// `state.url`.
    pub url: EngineUrl,
}

/// Where the views lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Views {
    /// `views.url`.
    pub url: EngineUrl,
}

impl Ledger {
    pub(in crate::config) fn read(reader: &mut Reader) -> Result<Self, Refused> {
        let url = reader.required("ledger.url", engine)?;
        Ok(Self { url })
    }
}

impl State {
    pub(in crate::config) fn read(reader: &mut Reader) -> Result<Self, Refused> {
        let url = reader.required("state.url", engine)?;
        Ok(Self { url })
    }
}

impl Views {
    pub(in crate::config) fn read(reader: &mut Reader) -> Result<Self, Refused> {
        let url = reader.required("views.url", engine)?;
        Ok(Self { url })
    }
}

fn engine(value: &Value) -> Result<EngineUrl, Impossible> {
    let remedy = "write `sqlite:`: its file lies in the data folder";
    match text(value)?.split_once(':') {
        Some(("sqlite", "")) => Ok(EngineUrl::Sqlite),
        Some(("sqlite", _)) => Err(Impossible::new("SQLite takes no path here", remedy)),
        // Only the scheme is repeated: what follows may hold a password.
        Some((scheme, _)) => {
            Err(Impossible::new(format!("this version has only SQLite, not `{scheme}:`"), remedy))
        }
        None => Err(Impossible::new("this is not an engine's URL", remedy)),
    }
}
