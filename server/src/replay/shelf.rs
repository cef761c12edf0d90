//! The keyring of a state that is only read, also while a server writes to it.

use std::{collections::HashMap, path::Path};

use anyhow::Context;
use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use schemas::sealing::{KeyShelf, KeyShelfError};

/// Wrapped data keys, read from the file of the state.
pub(super) struct ReadOnlyShelf(Mutex<Connection>);

impl ReadOnlyShelf {
    /// Opens the file; it must exist, or everything would look erased.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags);
        let connection =
            connection.with_context(|| format!("failed to open the state `{}`", path.display()))?;
        Ok(Self(Mutex::new(connection)))
    }

    fn read(&self, subjects: &[String]) -> rusqlite::Result<HashMap<String, Vec<u8>>> {
        let connection = self.0.lock();
        let mut find = connection.prepare_cached("SELECT wrapped FROM keyring WHERE subject = ?1")?;
        let mut found = HashMap::with_capacity(subjects.len());
        for subject in subjects {
            let wrapped = find.query_row([subject], |row| row.get(0)).optional()?;
            found.extend(wrapped.map(|it| (subject.clone(), it)));
        }
        Ok(found)
    }
}

#[async_trait]
impl KeyShelf for ReadOnlyShelf {
    async fn find(&self, subjects: &[String]) -> Result<HashMap<String, Vec<u8>>, KeyShelfError> {
        self.read(subjects).map_err(|err| KeyShelfError(Box::new(err)))
    }

    async fn insert(&self, _: &str, _: Vec<u8>) -> Result<Vec<u8>, KeyShelfError> {
        Err(only_read())
    }

    async fn delete(&self, _: &str) -> Result<(), KeyShelfError> {
        Err(only_read())
    }
}

fn only_read() -> KeyShelfError {
    KeyShelfError("a replay changes nothing".into())
}
