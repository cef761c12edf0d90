//! One value of one key, with where it came from.

use std::{fmt, path::PathBuf};

use super::key::Key;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The embedded default.
    Default,
    /// A line of the configuration file, counted from 1.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A file named by an environment variable that ends with `_FILE`.
    EnvironmentFile {
        /// The variable.
        variable: String,
        /// The file it names.
        path: PathBuf,
    },
    /// A flag of the command line, with its dashes.
    Flag(&'static str),
    /// Worked out from other keys or from the surroundings; says from what.
    Derived(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File { path, line } => write!(out, "{}:{line}", path.display()),
            Self::Environment(variable) => out.write_str(variable),
            Self::EnvironmentFile { variable, path } => {
                write!(out, "{variable} ({})", path.display())
            }
            Self::Flag(flag) => out.write_str(flag),
            Self::Derived(from) => write!(out, "default: {from}"),
        }
    }
}

/// A value before its key's own check. Not `Debug`: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Text, quoted in a file.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// Anything else that TOML can say; no key takes it. Names the kind.
    Other(&'static str),
}

/// A key with its value.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) key: &'static Key,
    pub(super) value: Value,
    pub(super) source: Source,
}

// Says the key and the place only: the value may hold a password.
impl fmt::Debug for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} from {}", self.key.name, self.source)
    }
}

/// The text of `value` as it is written in a TOML file.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => toml::Value::String(text.clone()).to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Other(kind) => (*kind).to_owned(),
    }
}

/// Settings as a TOML file, sections in the order of first appearance.
pub(super) struct Listing<'a>(pub(super) &'a [Setting]);

impl fmt::Display for Listing<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut section = "";
        for setting in self.0 {
            let name = setting.key.name;
            if setting.key.section() != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                section = setting.key.section();
                writeln!(out, "{gap}[{section}]")?;
            }
            let short = name.split_once('.').map_or(name, |(_, rest)| rest);
            writeln!(out, "{short} = {} # {}", written(&setting.value), setting.source)?;
        }
        Ok(())
    }
}
