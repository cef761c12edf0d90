//! Texts and personal data inside facts, which an erasure can take away while the fact stays.

/// A value that was sealed in the ledger: known while its subject's key exists, erased afterwards.
///
/// No rule may depend on the value: after an erasure the same facts must fold to the same decisions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Erasable<T> {
    /// The value as it was written.
    Known(T),
    /// The subject's key is gone, and the value with it.
    Erased,
}

impl<T> Erasable<T> {
    /// The value, if it is still known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Erased => None,
        }
    }
}

impl<T> From<Option<T>> for Erasable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Erased, Self::Known)
    }
}
