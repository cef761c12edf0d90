//! The key of the snapshot's tag.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What tells this key from all others that are made of the same one.
const PURPOSE: &[u8] = b"counterfoil gate snapshot v1";

/// The key under which snapshots are tagged: whoever can write to the folder, but has no keys, can make none that
/// is believed. Neither `Debug` nor `Serialize`.
#[derive(Clone)]
pub struct SnapshotKey(Hmac<Sha256>);

impl SnapshotKey {
    /// Derived from a key of the deployment: HMAC-SHA-256 of this purpose under it.
    pub fn derived_from(key: &[u8; 32]) -> Self {
        let mut derivation = keyed(key);
        derivation.update(PURPOSE);
        Self(keyed(&derivation.finalize().into_bytes().into()))
    }

    /// A tag over bytes to come.
    pub(in crate::gate) fn tag(&self) -> Hmac<Sha256> {
        self.0.clone()
    }
}

/// A key shorter than the hash's block is padded with zeros (RFC 2104 §2).
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    <Hmac<Sha256> as KeyInit>::new(&block)
}
