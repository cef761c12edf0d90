//! What is said to people: the one place that writes to standard output and standard error. Logs go elsewhere.

use std::io::{self, ErrorKind, Write};

/// Writes one text to standard output, whole, with a line's end.
///
/// # Errors
/// When nobody listens any more.
pub(crate) fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Says on standard error why the program gives up.
pub(crate) fn complain(err: &anyhow::Error) {
    // Where standard error is closed there is nobody to be told.
    let _ = writeln!(io::stderr().lock(), "counterfoil: {err:#}");
}

/// Whether an error only says that the reader of our output has seen enough, as `head` does.
pub(crate) fn has_seen_enough(err: &anyhow::Error) -> bool {
    let io = err.chain().find_map(|it| it.downcast_ref::<io::Error>());
    io.is_some_and(|it| it.kind() == ErrorKind::BrokenPipe)
}
