//! Which deployment the words are about.

use std::path::{Path, PathBuf};

use crate::config::{Config, Flags};

/// Where the configuration and the data lie.
#[derive(clap::Args, Clone, Debug, Default)]
pub(super) struct Place {
    /// The configuration; without it the embedded default and the environment count
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder [default: counterfoil-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    /// The effective configuration.
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        self.config_with(None, None)
    }

    /// The effective configuration under further flags.
    pub(super) fn config_with(
        &self,
        listen: Option<String>,
        operator_token_file: Option<&Path>,
    ) -> anyhow::Result<Config> {
        let text = |path: &Path| path.display().to_string();
        let flags = Flags {
            listen,
            data: self.data.as_deref().map(text),
            operator_token_file: operator_token_file.map(text),
        };
        Ok(Config::load(self.config.as_deref(), std::env::vars_os(), &flags)?)
    }
}
