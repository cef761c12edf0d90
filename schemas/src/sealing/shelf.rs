//! Where wrapped data keys lie.

use std::collections::HashMap;

use async_trait::async_trait;
use parking_lot::Mutex;

/// The shelf could not be asked, or did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the key shelf failed")]
pub struct KeyShelfError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The port to the place where wrapped data keys lie: mutable, backed up, never in a log.
#[async_trait]
pub trait KeyShelf: Send + Sync {
    /// The wrapped keys of those `subjects` that have one, and nothing for those that are erased; who never had a
    /// key is absent.
    async fn find(&self, subjects: &[String]) -> Result<HashMap<String, Option<Vec<u8>>>, KeyShelfError>;

    /// Puts a wrapped key on the shelf unless its subject has one or is erased, and returns the one that
    /// stands: the first wins, however many come at once, and an erasure wins over all. It is durable before this
    /// returns.
    async fn insert(&self, subject: &str, wrapped: Vec<u8>) -> Result<Option<Vec<u8>>, KeyShelfError>;

    /// Erases the key of `subject` for good: none is ever put in its place. To erase twice, or what was never
    /// there, is no error. It is durable before this returns.
    async fn erase(&self, subject: &str) -> Result<(), KeyShelfError>;
}

/// A shelf in memory, which keeps the whole contract but outlives nothing.
#[derive(Default)]
pub struct MemoryShelf {
    keys: Mutex<HashMap<String, Option<Vec<u8>>>>,
}

#[async_trait]
impl KeyShelf for MemoryShelf {
    async fn find(&self, subjects: &[String]) -> Result<HashMap<String, Option<Vec<u8>>>, KeyShelfError> {
        let keys = self.keys.lock();
        let found = subjects.iter().filter_map(|it| keys.get_key_value(it));
        Ok(found.map(|(subject, wrapped)| (subject.clone(), wrapped.clone())).collect())
    }

    async fn insert(&self, subject: &str, wrapped: Vec<u8>) -> Result<Option<Vec<u8>>, KeyShelfError> {
        Ok(self.keys.lock().entry(subject.to_owned()).or_insert(Some(wrapped)).clone())
    }

    async fn erase(&self, subject: &str) -> Result<(), KeyShelfError> {
        self.keys.lock().insert(subject.to_owned(), None);
        Ok(())
    }
}
