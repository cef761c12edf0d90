//! The one cipher, and the associated data of each purpose.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use super::DataKey;

/// Length of the nonce in bytes.
pub(super) const NONCE_BYTES: usize = 24;
/// What the cipher adds to a plaintext, in bytes.
pub(crate) const TAG_BYTES: usize = 16;

const ENTRY_FORMAT: u8 = 0x21;

/// The bytes did not come from this key, nonce and associated data.
#[derive(Debug)]
pub(crate) struct Forged;

/// Associated data under construction: a format byte, then parts with their lengths, so that no
/// two lists of parts give the same bytes.
pub(super) struct Associated(Vec<u8>);

impl Associated {
    pub(super) fn with(format: u8) -> Self {
        let mut bytes = Vec::with_capacity(96);
        bytes.push(format);
        Self(bytes)
    }

    /// Adds bytes whose number the format fixes.
    pub(super) fn fixed(mut self, part: &[u8]) -> Self {
        self.0.extend_from_slice(part);
        self
    }

    /// Adds bytes of any number, behind their length.
    pub(super) fn part(mut self, part: &[u8]) -> Self {
        self.0.extend_from_slice(&(part.len() as u64).to_be_bytes());
        self.0.extend_from_slice(part);
        self
    }
}

pub(super) fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    associated: &Associated,
    plaintext: &[u8],
) -> Vec<u8> {
    let payload = Payload { msg: plaintext, aad: &associated.0 };
    #[expect(clippy::expect_used, reason = "the cipher refuses only what fits no memory")]
    XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(*nonce), payload)
        .expect("a plaintext in memory is far below the cipher's 256 GiB")
}

pub(super) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    associated: &Associated,
    ciphertext: &[u8],
) -> Result<Vec<u8>, Forged> {
    let payload = Payload { msg: ciphertext, aad: &associated.0 };
    XChaCha20Poly1305::new(&Key::from(*key)).decrypt(&XNonce::from(*nonce), payload).map_err(|_| Forged)
}

fn entry_data(subject: &str) -> Associated {
    Associated::with(ENTRY_FORMAT).part(subject.as_bytes())
}

/// Seals an entry of a usage segment; the nonce is its place there and is not stored.
pub(crate) fn seal_entry(key: &DataKey, subject: &str, nonce: &[u8; 24], plain: &[u8]) -> Vec<u8> {
    encrypt(key.bytes(), nonce, &entry_data(subject), plain)
}

/// Opens what [`seal_entry`] sealed for the same subject at the same place.
pub(crate) fn open_entry(
    key: &DataKey,
    subject: &str,
    nonce: &[u8; 24],
    sealed: &[u8],
) -> Result<Vec<u8>, Forged> {
    decrypt(key.bytes(), nonce, &entry_data(subject), sealed)
}
