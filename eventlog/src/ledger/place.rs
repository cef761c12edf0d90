//! Where a record stands: in the whole log, in its stream, and which stream that is.

use std::{fmt, sync::Arc};

/// The rank of a record in the whole log: 1, 2, 3 … without gaps; 0 is before the first record.
///
/// The same record has the same rank on every engine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Position(pub u64);

impl Position {
    /// The position right after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// The rank of a record in its stream: 1, 2, 3 … without gaps; 0 means that the stream does not
/// exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Version(pub u64);

impl Version {
    /// The version right after this one.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The version that a stream has after `records` more records.
    #[must_use]
    pub fn plus(self, records: usize) -> Self {
        Self(self.0.saturating_add(records as u64))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// The name of a stream. Cloning it copies no text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// A name from its text; any text will do, the log does not read it.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_prints_as_its_text() {
        assert_eq!(StreamName::new("token-1").to_string(), StreamName::new(String::from("token-1")).as_str());
    }

    #[test]
    fn the_last_version_has_no_next() {
        assert_eq!(Version(u64::MAX).next(), Version(u64::MAX));
        assert_eq!(Position(u64::MAX).next(), Position(u64::MAX));
    }
}
