//! The state's keyring as the shelf that data keys lie on.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use schemas::sealing::{KeyShelf, KeyShelfError};
use store::{SqlError, State};

/// Wrapped data keys in the state.
pub(crate) struct StateShelf {
    state: Arc<State>,
    /// Who was asked for in vain, while anybody wants to know; those who are erased are not missed.
    missed: Mutex<Option<BTreeSet<String>>>,
}

impl StateShelf {
    /// The shelf of that state.
    pub(crate) fn of(state: Arc<State>) -> Self {
        Self { state, missed: Mutex::new(None) }
    }

    /// From now on notes the subjects whose keys are asked for and are not there.
    pub(crate) fn note_missed(&self) {
        *self.missed.lock() = Some(BTreeSet::new());
    }

    /// Whether any was noted.
    pub(crate) fn has_missed(&self) -> bool {
        self.missed.lock().as_ref().is_some_and(|it| !it.is_empty())
    }

    /// All that were noted; none is from now on.
    pub(crate) fn take_missed(&self) -> BTreeSet<String> {
        self.missed.lock().take().unwrap_or_default()
    }
}

#[async_trait]
impl KeyShelf for StateShelf {
    async fn find(&self, subjects: &[String]) -> Result<HashMap<String, Option<Vec<u8>>>, KeyShelfError> {
        let found = self.state.find_keys(subjects).await.map_err(failed)?;
        if let Some(missed) = self.missed.lock().as_mut() {
            missed.extend(subjects.iter().filter(|it| !found.contains_key(*it)).cloned());
        }
        Ok(found)
    }

    async fn insert(&self, subject: &str, wrapped: Vec<u8>) -> Result<Option<Vec<u8>>, KeyShelfError> {
        self.state.insert_key(subject, &wrapped).await.map_err(failed)
    }

    async fn erase(&self, subject: &str) -> Result<(), KeyShelfError> {
        self.state.erase_key(subject).await.map_err(failed)
    }
}

fn failed(err: SqlError) -> KeyShelfError {
    KeyShelfError(Box::new(err))
}
