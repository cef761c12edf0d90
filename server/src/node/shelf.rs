//! The state's keyring as the shelf that data keys lie on.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use schemas::sealing::{KeyShelf, KeyShelfError};
use store::{SqlError, State};

/// Wrapped data keys in the state.
pub(crate) struct StateShelf(pub(crate) Arc<State>);

#[async_trait]
impl KeyShelf for StateShelf {
    async fn find(&self, subjects: &[String]) -> Result<HashMap<String, Vec<u8>>, KeyShelfError> {
        self.0.find_keys(subjects).await.map_err(failed)
    }

    async fn insert(&self, subject: &str, wrapped: Vec<u8>) -> Result<Vec<u8>, KeyShelfError> {
        self.0.insert_key(subject, &wrapped).await.map_err(failed)
    }

    async fn delete(&self, subject: &str) -> Result<(), KeyShelfError> {
        self.0.delete_key(subject).await.map_err(failed)
    }
}

fn failed(err: SqlError) -> KeyShelfError {
    KeyShelfError(Box::new(err))
}
