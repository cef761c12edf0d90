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

    /// These keys and those of another set.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (_, true) => self,
            (true, false) => other,
            (false, false) => {
                let mut keys = Arc::unwrap_or_clone(self.0);
                keys.extend(other.0.iter().map(|(subject, key)| (Arc::clone(subject), Arc::clone(key))));
                Self(Arc::new(keys))
            }
        }
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
