//! The keys that one page of work needs.

use std::collections::HashMap;
use std::sync::Arc;

use super::DataKey;

/// The data keys of some subjects: immutable, cheap to clone, so that a page is sealed or opened
/// without waiting for anything.
#[derive(Clone, Default)]
pub struct KeySet(Arc<HashMap<Arc<str>, Arc<DataKey>>>);

impl KeySet {
    /// The key of `subject`. None means that it was not asked for or, in a set for opening, that
    /// it does not exist: what it sealed is erased.
    pub fn get(&self, subject: &str) -> Option<&DataKey> {
        self.0.get(subject).map(Arc::as_ref)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Arc<str>, Arc<DataKey>)> for KeySet {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Arc<DataKey>)>>(keys: I) -> Self {
        Self(Arc::new(keys.into_iter().collect()))
    }
}
