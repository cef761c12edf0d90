//! The keys of the digests that the ledger holds.

use domain::secret::{Digest, KeyId, Pepper, Presented};

/// All peppers of a deployment: the newest, under which new digests are made, and older ones that digests in the
/// ledger still stand under.
#[derive(Clone)]
pub struct Peppers {
    newest: Pepper,
    older: Vec<Pepper>,
}

/// The place of a pepper among [`Peppers`]: 0 is the newest.
pub(super) type PepperPlace = u8;

impl Peppers {
    /// The newest pepper and the older ones, in any order; beyond 255 older ones the rest is not used.
    pub fn new(newest: Pepper, older: impl IntoIterator<Item = Pepper>) -> Self {
        Self { newest, older: older.into_iter().take(usize::from(PepperPlace::MAX)).collect() }
    }

    /// The pepper that new digests are made under.
    pub fn newest(&self) -> &Pepper {
        &self.newest
    }

    /// The pepper of that name.
    pub fn get(&self, id: &KeyId) -> Option<&Pepper> {
        std::iter::once(&self.newest).chain(&self.older).find(|it| it.id() == id)
    }

    /// The names of all, each at its place.
    pub(super) fn ids(&self) -> impl Iterator<Item = &KeyId> {
        std::iter::once(&self.newest).chain(&self.older).map(Pepper::id)
    }

    pub(super) fn place(&self, id: &KeyId) -> Option<PepperPlace> {
        let place = std::iter::once(&self.newest).chain(&self.older).position(|it| it.id() == id)?;
        PepperPlace::try_from(place).ok()
    }

    /// The digest of a presented text under the pepper at `place`.
    pub(super) fn digest(&self, place: PepperPlace, presented: &Presented<'_>) -> Option<Digest> {
        // A branch, not an index: the hash need not wait until the record is there that says which pepper.
        if place == 0 {
            return Some(presented.digest(&self.newest));
        }
        self.older.get(usize::from(place) - 1).map(|it| presented.digest(it))
    }
}
