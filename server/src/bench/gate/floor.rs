//! The floor: a map that is never changed, found into by a hash of the text, and a comparison in constant time.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash, Hasher},
};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::texts::Texts;

/// The half of a digest that finds the other.
#[derive(PartialEq, Eq)]
struct Key([u8; 16]);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

/// The first eight bytes as they are: a digest is as random as any hash of it.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }
}

/// All digests.
pub(super) struct Floor(HashMap<Key, [u8; 16], BuildHasherDefault<AsItIs>>);

impl Floor {
    /// The digests of these texts.
    pub(super) fn of(texts: &Texts) -> Self {
        let mut digests =
            HashMap::with_capacity_and_hasher(texts.len() as usize, BuildHasherDefault::default());
        for text in (0..texts.len()).filter_map(|it| texts.get(it)) {
            let (key, rest) = digest(text);
            digests.insert(key, rest);
        }
        Self(digests)
    }

    /// Whether it is one of the texts.
    pub(super) fn knows(&self, text: &str) -> bool {
        let (key, rest) = digest(text);
        self.0.get(&key).is_some_and(|it| it.ct_eq(&rest).into())
    }
}

fn digest(text: &str) -> (Key, [u8; 16]) {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let (mut key, mut rest) = ([0; 16], [0; 16]);
    let (first, second) = digest.split_at(16);
    key.copy_from_slice(first);
    rest.copy_from_slice(second);
    (Key(key), rest)
}
