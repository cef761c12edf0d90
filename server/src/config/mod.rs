//! What the operator chose: `counterfoil.toml`, the environment and the flags, read into one
//! struct per concern. The embedded default is the first layer, a file the second, the
//! environment the third, flags the last; whatever is unknown or cannot be is refused, all at
//! once, before anything is opened.
//!
//! To add a key: a row in `key.rs`, a commented entry in `counterfoil.toml`, a field in
//! its concern.

mod concern;
mod environment;
mod fault;
mod file;
mod flags;
mod key;
mod layers;
mod reader;
mod setting;

use std::{ffi::OsString, fmt, fs, path::Path};

pub use concern::{Audit, EngineUrl, Gate, Keys, Ledger, Log, LogFormat, Server, State, Views};
pub use fault::{ConfigError, Fault};
pub use flags::Flags;
pub use setting::Source;

use layers::Layers;
use reader::{Reader, Refused};
use setting::Setting;

/// The default of every key, with its meaning: also the documentation that operators copy from.
pub const EMBEDDED: &str = include_str!("../../../counterfoil.toml");

/// The effective configuration, checked.
#[derive(Debug)]
pub struct Config {
    /// Where the service listens and keeps its data.
    pub server: Server,
    /// Where facts lie.
    pub ledger: Ledger,
    /// Where the state lies that is neither fact nor view.
    pub state: State,
    /// Where the views lie.
    pub views: Views,
    /// When decisions are durable.
    pub audit: Audit,
    /// What verification holds in reserve.
    pub gate: Gate,
    /// Where the keys lie.
    pub keys: Keys,
    /// How the service logs.
    pub log: Log,
    effective: Vec<Setting>,
}

impl Config {
    /// Reads the configuration: the embedded default, then `file`, then the variables of
    /// `environment` that begin with `COUNTERFOIL_`, then `flags`.
    ///
    /// Relative paths are relative to the folder the process was started in.
    ///
    /// # Errors
    /// When the file cannot be read, or with every key that is unknown, not supported by this
    /// version, or impossible: each with its place and what to do.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let mut layers = Layers::default();
        layers.add(file::read(EMBEDDED, |_| Source::Default));
        if let Some(path) = file {
            let text = fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
            layers.add(file::read(&text, |line| Source::File { path: path.to_owned(), line }));
        }
        layers.add(environment::read(environment));
        layers.add(flags.read());
        Self::check(layers)
    }

    /// The effective configuration as text that is itself a `counterfoil.toml`: each value with
    /// where it came from.
    pub fn effective(&self) -> impl fmt::Display + '_ {
        setting::Listing(&self.effective)
    }

    fn check(layers: Layers) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(layers);
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    fn read(reader: &mut Reader) -> Result<Self, Refused> {
        // Every concern is read before the first `?`, so that all faults are told at once.
        let server = Server::read(reader);
        let ledger = Ledger::read(reader);
        let state = State::read(reader);
        let views = Views::read(reader);
        let audit = Audit::read(reader);
        let gate = Gate::read(reader);
        let data = server.as_ref().map(|it| it.data.as_path()).map_err(|it| *it);
        let keys = Keys::read(reader, data);
        let log = Log::read(reader);
        Ok(Self {
            server: server?,
            ledger: ledger?,
            state: state?,
            views: views?,
            audit: audit?,
            gate: gate?,
            keys: keys?,
            log: log?,
            effective: reader.effective(),
        })
    }
}

#[cfg(test)]
mod tests;
