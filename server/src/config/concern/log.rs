//! `[log]`: how the service logs.

use tracing_subscriber::EnvFilter;

use super::text;
use crate::config::{
    reader::{Impossible, Reader, Refused},
    setting::Value,
};

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// How the service logs, always to standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// `log.format`; `None` is text on a terminal, else JSON.
    pub format: Option<LogFormat>,
    /// `log.filter`: directives of the `tracing` filter, checked.
    pub filter: String,
}

impl Log {
    pub(in crate::config) fn read(reader: &mut Reader) -> Result<Self, Refused> {
        let format = reader.optional("log.format", format);
        let filter = reader.required("log.filter", filter);
        Ok(Self { format: format?, filter: filter? })
    }
}

fn format(value: &Value) -> Result<LogFormat, Impossible> {
    match text(value)? {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(Impossible::new("there is no such format", "write text or json")),
    }
}

fn filter(value: &Value) -> Result<String, Impossible> {
    let text = text(value)?;
    EnvFilter::builder().parse(text).map_err(|err| {
        Impossible::new(
            format!("this is not a filter: {err}"),
            "write a level such as info, or directives such as info,api=debug",
        )
    })?;
    Ok(text.to_owned())
}
