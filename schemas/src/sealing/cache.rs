//! A bounded cache of unwrapped keys.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::DataKey;

/// Keys used lately, in two generations: when the young one is full it becomes the old one and
/// the old one goes. Each step is constant, and what is in use stays.
pub(super) struct KeyCache {
    generation_size: usize,
    young: HashMap<Arc<str>, Arc<DataKey>>,
    old: HashMap<Arc<str>, Arc<DataKey>>,
    /// How often something was removed. A key fetched before a removal must not be put in after
    /// it; see `Keyring::forget`.
    removals: u64,
    /// Whose keys are given to nobody, although they may still be on the shelf.
    withheld: HashSet<Arc<str>>,
}

impl KeyCache {
    /// A cache of at most `capacity` keys (at least two).
    pub(super) fn holding(capacity: usize) -> Self {
        let generation_size = (capacity / 2).max(1);
        let (young, old, withheld) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self { generation_size, young, old, removals: 0, withheld }
    }

    pub(super) fn get(&mut self, subject: &str) -> Option<(Arc<str>, Arc<DataKey>)> {
        if let Some((subject, key)) = self.young.get_key_value(subject) {
            return Some((Arc::clone(subject), Arc::clone(key)));
        }
        let (subject, key) = self.old.remove_entry(subject)?;
        self.put(Arc::clone(&subject), Arc::clone(&key));
        Some((subject, key))
    }

    pub(super) fn put(&mut self, subject: Arc<str>, key: Arc<DataKey>) {
        if self.young.len() >= self.generation_size {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(subject, key);
    }

    pub(super) fn remove(&mut self, subject: &str) {
        self.removals += 1;
        self.young.remove(subject);
        self.old.remove(subject);
    }

    /// Removes the key and gives it to nobody from now on; answers whether that is news.
    pub(super) fn withhold(&mut self, subject: &str) -> bool {
        self.remove(subject);
        self.withheld.insert(subject.into())
    }

    pub(super) fn withholds(&self, subject: &str) -> bool {
        self.withheld.contains(subject)
    }

    /// The key is on no shelf any more: that is enough.
    pub(super) fn let_go(&mut self, subject: &str) {
        self.withheld.remove(subject);
    }

    pub(super) fn removals(&self) -> u64 {
        self.removals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(cache: &mut KeyCache, subject: &str) {
        cache.put(subject.into(), Arc::new(DataKey::new([0; 32])));
    }

    #[test]
    fn it_never_holds_more_than_its_capacity_and_keeps_what_is_used() {
        let mut cache = KeyCache::holding(4);
        put(&mut cache, "ada");
        for n in 0..100 {
            put(&mut cache, &n.to_string());
            assert!(cache.get("ada").is_some(), "after {n}");
            assert!(cache.young.len() + cache.old.len() <= 4);
        }
        assert!(cache.get("0").is_none());
    }

    #[test]
    fn what_is_removed_is_gone_from_both_generations() {
        let mut cache = KeyCache::holding(2);
        put(&mut cache, "ada");
        put(&mut cache, "bob");
        cache.remove("ada");
        cache.remove("bob");
        assert!(cache.get("ada").is_none() && cache.get("bob").is_none());
    }
}
