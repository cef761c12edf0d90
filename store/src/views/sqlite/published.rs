//! Which build of each projection readers see now.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::file::ViewFile;

/// The published builds, by projection; shared with every reader.
#[derive(Default)]
pub(super) struct Published(RwLock<HashMap<String, ViewFile>>);

impl Published {
    pub(super) fn get(&self, projection: &str) -> Option<ViewFile> {
        self.read().get(projection).cloned()
    }

    /// While this is held nothing is published, so nothing that it names is deleted.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, HashMap<String, ViewFile>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, file: ViewFile) {
        self.write().insert(file.projection.clone(), file);
    }

    pub(super) fn remove(&self, projection: &str) {
        self.write().remove(projection);
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, ViewFile>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
