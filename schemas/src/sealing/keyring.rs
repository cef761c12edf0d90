//! Finding, making and forgetting the data keys of subjects.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::cache::KeyCache;
use super::{DataKey, KeySet, KeyShelf, KeyShelfError, MasterKeys, Randomness, RandomnessError, UnwrapError};

/// Why keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The shelf could not be asked.
    #[error(transparent)]
    Shelf(#[from] KeyShelfError),
    /// No new key could be made.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// A key is there but does not unwrap. This is damage or a lost master key, never an erasure.
    #[error("the data key of `{subject}` cannot be unwrapped")]
    Unwrap {
        /// Whose key it is.
        subject: String,
        /// What is wrong with it.
        #[source]
        source: UnwrapError,
    },
}

/// Finds, makes and forgets data keys, and keeps those used lately.
///
/// That a key is missing is never remembered, so one made elsewhere is seen at once.
pub struct Keyring {
    shelf: Arc<dyn KeyShelf>,
    masters: MasterKeys,
    randomness: Arc<dyn Randomness>,
    cache: Mutex<KeyCache>,
}

type Keys = HashMap<Arc<str>, Arc<DataKey>>;

impl Keyring {
    /// A ring over `shelf` that keeps at most `cached` unwrapped keys (about 150 bytes each).
    pub fn new(
        shelf: Arc<dyn KeyShelf>,
        masters: MasterKeys,
        randomness: Arc<dyn Randomness>,
        cached: usize,
    ) -> Self {
        Self { shelf, masters, randomness, cache: Mutex::new(KeyCache::holding(cached)) }
    }

    /// The keys of all `subjects`; those missing are made, and are durable before this returns,
    /// so that what is sealed under them may be appended.
    ///
    /// An erased subject never gets a key again and is absent from the set: nothing can be sealed for it.
    ///
    /// # Errors
    /// When the shelf or the random source fails, or a key does not unwrap.
    pub async fn keys_for_sealing<S: AsRef<str> + Sync>(
        &self,
        subjects: &[S],
    ) -> Result<KeySet, KeyringError> {
        let removals = self.cache.lock().removals();
        let (mut keys, missing) = self.known(subjects).await?;
        for subject in missing {
            let Some(wrapped) = self.shelf.insert(&subject, self.make(&subject)?).await? else { continue };
            let key = self.unwrapped(subject.as_str(), &wrapped)?;
            self.keep(removals, [(&key.0, &key.1)].into_iter());
            keys.insert(key.0, key.1);
        }
        Ok(keys.into_iter().collect())
    }

    /// The keys of those `subjects` that have one; what a missing one sealed is erased.
    ///
    /// # Errors
    /// When the shelf fails or a key does not unwrap.
    pub async fn keys_for_opening<S: AsRef<str> + Sync>(
        &self,
        subjects: &[S],
    ) -> Result<KeySet, KeyringError> {
        let (keys, _erased) = self.known(subjects).await?;
        Ok(keys.into_iter().collect())
    }

    /// Erases the key of `subject` for good: whatever it sealed is erased, and no key is ever made for it again.
    /// Sets handed out before keep it until they are dropped. To forget twice is to forget once.
    ///
    /// # Errors
    /// When the shelf fails; the key may then still be there, and the call must be made again. Nobody is given it.
    pub async fn forget(&self, subject: &str) -> Result<(), KeyringError> {
        self.withhold(subject);
        self.shelf.erase(subject).await?;
        self.cache.lock().let_go(subject);
        Ok(())
    }

    /// Gives the key of `subject` to nobody from now on, although it may still be on the shelf: its erasure is
    /// a fact. Answers whether that is news.
    pub fn withhold(&self, subject: &str) -> bool {
        self.cache.lock().withhold(subject)
    }

    /// Those of `subjects` that are not erased on the shelf.
    ///
    /// # Errors
    /// When the shelf fails.
    pub async fn kept_among(&self, subjects: &[String]) -> Result<BTreeSet<String>, KeyringError> {
        let found = self.shelf.find(subjects).await?;
        Ok(subjects.iter().filter(|it| found.get(*it) != Some(&None)).cloned().collect())
    }

    /// Splits `subjects` into those with a key and those that never had one; those erased are neither.
    async fn known<S: AsRef<str>>(&self, subjects: &[S]) -> Result<(Keys, Vec<String>), KeyringError> {
        let (mut keys, unknown, removals) = self.cached(subjects);
        if unknown.is_empty() {
            return Ok((keys, unknown));
        }
        let found = self.shelf.find(&unknown).await?;
        let mut fetched = Keys::with_capacity(found.len());
        for (subject, wrapped) in &found {
            let Some(wrapped) = wrapped else { continue };
            let (subject, key) = self.unwrapped(subject, wrapped)?;
            fetched.insert(subject, key);
        }
        self.keep(removals, fetched.iter());
        let missing = unknown.into_iter().filter(|it| !found.contains_key(it)).collect();
        keys.extend(fetched);
        Ok((keys, missing))
    }

    fn cached<S: AsRef<str>>(&self, subjects: &[S]) -> (Keys, Vec<String>, u64) {
        let wanted: BTreeSet<&str> = subjects.iter().map(AsRef::as_ref).collect();
        let mut keys = Keys::with_capacity(wanted.len());
        let mut unknown = Vec::new();
        let mut cache = self.cache.lock();
        for subject in wanted {
            match cache.get(subject) {
                Some((subject, key)) => drop(keys.insert(subject, key)),
                None if cache.withholds(subject) => {}
                None => unknown.push(subject.to_owned()),
            }
        }
        (keys, unknown, cache.removals())
    }

    /// Caches fetched keys, unless anything was forgotten since they were asked for:
    ///
    /// ```text
    /// t0  A: find(ada) on the shelf                t1  B: forget(ada): shelf, then cache
    /// t2  A: would cache ada's key, for good       so A sees that `removals` moved, and does not
    /// ```
    fn keep<'a>(&self, removals: u64, keys: impl Iterator<Item = (&'a Arc<str>, &'a Arc<DataKey>)>) {
        let mut cache = self.cache.lock();
        if cache.removals() == removals {
            keys.for_each(|(subject, key)| cache.put(Arc::clone(subject), Arc::clone(key)));
        }
    }

    fn make(&self, subject: &str) -> Result<Vec<u8>, RandomnessError> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.randomness.fill(bytes.as_mut_slice())?;
        let mut nonce = [0; 24];
        self.randomness.fill(&mut nonce)?;
        Ok(self.masters.current().wrap(subject, &DataKey::new(*bytes), nonce))
    }

    fn unwrapped(&self, subject: &str, wrapped: &[u8]) -> Result<(Arc<str>, Arc<DataKey>), KeyringError> {
        match self.masters.unwrap_key(subject, wrapped) {
            Ok(key) => Ok((subject.into(), Arc::new(key))),
            Err(source) => Err(KeyringError::Unwrap { subject: subject.to_owned(), source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use async_trait::async_trait;

    use super::super::testing::{Counting, block_on};
    use super::super::{MasterKey, MemoryShelf, open, seal};
    use super::*;

    const ADA: &str = "mem_ada";
    const EVENT: [u8; 16] = [5; 16];

    fn ring_over(shelf: Arc<dyn KeyShelf>) -> Keyring {
        let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
        Keyring::new(shelf, masters, Arc::new(Counting::default()), 100)
    }

    fn sealed_by(ring: &Keyring) -> Vec<u8> {
        let keys = block_on(ring.keys_for_sealing(&[ADA])).unwrap();
        seal(keys.get(ADA).unwrap(), ADA, &EVENT, b"Ada", [0; 24])
    }

    fn opened_by(ring: &Keyring, sealed: &[u8]) -> Option<Vec<u8>> {
        let keys = block_on(ring.keys_for_opening(&[ADA])).unwrap();
        keys.get(ADA).map(|key| open(key, ADA, &EVENT, sealed).unwrap())
    }

    fn kept(ring: &Keyring) -> Vec<String> {
        let subjects = [ADA, "mem_ben"].map(str::to_owned);
        block_on(ring.kept_among(&subjects)).unwrap().into_iter().collect()
    }

    #[test]
    fn a_key_made_by_one_ring_is_seen_by_another_that_missed_it_before() {
        let shelf = Arc::new(MemoryShelf::default());
        let (one, other) = (ring_over(shelf.clone()), ring_over(shelf));
        assert_eq!(opened_by(&other, b""), None);
        let sealed = sealed_by(&one);
        assert_eq!(opened_by(&other, &sealed).unwrap(), b"Ada");
    }

    #[test]
    fn the_first_key_wins_when_two_rings_make_one_at_once() {
        let shelf = Arc::new(MemoryShelf::default());
        let (one, other) = (ring_over(shelf.clone()), ring_over(shelf.clone()));
        let late = other.make(ADA).unwrap();
        let sealed = sealed_by(&one);
        let stands = block_on(shelf.insert(ADA, late)).unwrap().unwrap();
        let key = other.unwrapped(ADA, &stands).unwrap().1;
        assert_eq!(open(&key, ADA, &EVENT, &sealed).unwrap(), b"Ada");
    }

    #[test]
    fn a_forgotten_key_opens_nothing_and_none_is_made_again() {
        let shelf: Arc<dyn KeyShelf> = Arc::new(MemoryShelf::default());
        let ring = ring_over(Arc::clone(&shelf));
        let sealed = sealed_by(&ring);
        block_on(ring.forget(ADA)).unwrap();
        block_on(ring.forget(ADA)).unwrap();
        for ring in [ring, ring_over(shelf)] {
            assert_eq!(opened_by(&ring, &sealed), None);
            let keys = block_on(ring.keys_for_sealing(&[ADA, "mem_ben"])).unwrap();
            assert!(keys.get(ADA).is_none() && keys.get("mem_ben").is_some());
            assert_eq!(kept(&ring), ["mem_ben"]);
        }
    }

    #[test]
    fn a_withheld_key_is_given_to_nobody_although_it_is_on_the_shelf() {
        let ring = ring_over(Arc::new(MemoryShelf::default()));
        let sealed = sealed_by(&ring);
        assert!(ring.withhold(ADA));
        assert!(!ring.withhold(ADA), "it is no news any more");
        assert_eq!(opened_by(&ring, &sealed), None);
        assert!(block_on(ring.keys_for_sealing(&[ADA])).unwrap().is_empty());
        assert_eq!(kept(&ring), [ADA, "mem_ben"]);
    }

    #[test]
    fn a_damaged_key_is_an_error_and_not_an_erasure() {
        let shelf = Arc::new(MemoryShelf::default());
        block_on(shelf.insert(ADA, vec![0; 77])).unwrap();
        let result = block_on(ring_over(shelf).keys_for_opening(&[ADA]));
        assert!(matches!(result, Err(KeyringError::Unwrap { subject, .. }) if subject == ADA));
    }

    #[test]
    fn what_waits_for_keys_may_move_between_threads() {
        fn moves<T: Send>(_: &T) {}
        let ring = ring_over(Arc::new(MemoryShelf::default()));
        moves(&ring.keys_for_sealing(&[ADA]));
        moves(&ring.keys_for_opening(&[String::from(ADA)]));
        moves(&ring.forget(ADA));
        moves(&KeySet::default());
    }

    /// A shelf whose answers come one poll late.
    struct Slow(MemoryShelf);

    #[async_trait]
    impl KeyShelf for Slow {
        async fn find(&self, subjects: &[String]) -> Result<HashMap<String, Option<Vec<u8>>>, KeyShelfError> {
            let found = self.0.find(subjects).await;
            let mut asked = false;
            std::future::poll_fn(|_| {
                if std::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            found
        }

        async fn insert(&self, subject: &str, wrapped: Vec<u8>) -> Result<Option<Vec<u8>>, KeyShelfError> {
            self.0.insert(subject, wrapped).await
        }

        async fn erase(&self, subject: &str) -> Result<(), KeyShelfError> {
            self.0.erase(subject).await
        }
    }

    #[test]
    fn a_key_on_its_way_from_the_shelf_is_not_kept_once_it_is_forgotten() {
        let shelf: Arc<dyn KeyShelf> = Arc::new(Slow(MemoryShelf::default()));
        sealed_by(&ring_over(Arc::clone(&shelf)));
        let ring = ring_over(shelf);
        let subjects = [ADA];
        let mut asking = pin!(ring.keys_for_opening(&subjects));
        let mut context = Context::from_waker(Waker::noop());
        assert!(asking.as_mut().poll(&mut context).is_pending());
        block_on(ring.forget(ADA)).unwrap();
        assert_eq!(block_on(asking).unwrap().len(), 1);
        assert!(block_on(ring.keys_for_opening(&subjects)).unwrap().is_empty());
    }
}
