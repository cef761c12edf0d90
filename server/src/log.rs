//! The log: one line an event to standard error, for people or for machines.

use std::io::{self, IsTerminal};

use tracing::{Dispatch, subscriber::SetGlobalDefaultError};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt::MakeWriter};

use crate::config::{Log, LogFormat};

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is none; configuration checks it before.
    #[error("the log's filter cannot be read")]
    Filter(#[from] ParseError),
    /// A log was set up before.
    #[error("the log is already set up")]
    AlreadySetUp(#[from] SetGlobalDefaultError),
}

/// Sets up the log of this process: text on a terminal, else JSON, unless `log` names a format.
///
/// Colours appear only on a terminal, and not where `NO_COLOR` is set.
///
/// # Errors
/// When the log has been set up before or the filter is none.
pub fn set_up(log: &Log) -> Result<(), LogError> {
    let terminal = io::stderr().is_terminal();
    let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
    let dispatch = dispatch(log, terminal, colours, io::stderr)?;
    Ok(tracing::dispatcher::set_global_default(dispatch)?)
}

fn dispatch<W>(log: &Log, terminal: bool, colours: bool, out: W) -> Result<Dispatch, ParseError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines =
        tracing_subscriber::fmt().with_env_filter(EnvFilter::builder().parse(&log.filter)?).with_writer(out);
    Ok(match format(log, terminal) {
        LogFormat::Text => lines.with_ansi(colours).into(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).into(),
    })
}

fn format(log: &Log, terminal: bool) -> LogFormat {
    let usual = if terminal { LogFormat::Text } else { LogFormat::Json };
    log.format.unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Option<LogFormat>, terminal: bool, filter: &str) -> String {
        let lines = Lines::default();
        let out = lines.clone();
        let filter = filter.to_owned();
        let log = Log { format, filter };
        let dispatch = dispatch(&log, terminal, terminal, move || out.clone()).unwrap();
        tracing::dispatcher::with_default(&dispatch, || {
            tracing::info!(address = "127.0.0.1:8080", "listening");
            tracing::debug!("unseen at info");
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn without_a_terminal_each_event_is_one_json_object() {
        let text = logged(None, false, "info");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["message"], "listening");
        assert_eq!(line["address"], "127.0.0.1:8080");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn text_without_a_terminal_has_no_colours() {
        let text = logged(Some(LogFormat::Text), false, "info");
        assert!(text.contains("listening address=\"127.0.0.1:8080\""), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn a_terminal_gets_text() {
        let text = logged(None, true, "info");
        assert!(text.contains("listening"), "{text}");
        assert!(text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn the_filter_decides_what_is_written() {
        assert_eq!(logged(None, false, "info").lines().count(), 1);
        assert_eq!(logged(None, false, "debug").lines().count(), 2);
        assert_eq!(logged(None, false, "error"), "");
    }
}
