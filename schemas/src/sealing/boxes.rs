//! The box of one subject in one record, and of one subject in a file that can be thrown away.

use super::DataKey;
use super::aead::{Associated, NONCE_BYTES, TAG_BYTES, decrypt, encrypt};

const FORMAT: u8 = 0x01;
const CACHED_FORMAT: u8 = 0x61;

/// What a box adds to its plaintext, in bytes. The plaintext's length is no secret.
pub const BOX_OVERHEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;

/// Why a box did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It does not begin with a format that this version knows.
    #[error("the box has an unknown format")]
    UnknownFormat,
    /// It is shorter than an empty box.
    #[error("the box is cut short")]
    CutShort,
    /// It was sealed under another key, for another subject or event, or its bytes have changed.
    #[error("the box was not sealed for this subject and event, or has been altered")]
    Forged,
}

/// Seals the personal fields of `subject` in the record of one event.
///
/// `nonce` is 24 bytes of a cryptographic random source, and is stored in the box. The result is
/// [`BOX_OVERHEAD_BYTES`] longer than the plaintext.
pub fn seal(key: &DataKey, subject: &str, event_id: &[u8; 16], plaintext: &[u8], nonce: [u8; 24]) -> Vec<u8> {
    seal_as(FORMAT, key, &associated(subject, event_id), plaintext, nonce)
}

/// Opens a box that [`seal`] made with the same key for the same subject and event.
///
/// # Errors
/// When the box is of an unknown format, cut short, altered, or was sealed for something else.
pub fn open(key: &DataKey, subject: &str, event_id: &[u8; 16], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    open_as(FORMAT, key, &associated(subject, event_id), sealed)
}

/// Seals texts of `subject` for a file that outlives no erasure although it is never rewritten for one: a cache of
/// what the ledger says.
///
/// `nonce` is 24 bytes of a cryptographic random source, and is stored in the box. The result is
/// [`BOX_OVERHEAD_BYTES`] longer than the plaintext.
pub fn seal_cached(key: &DataKey, subject: &str, plaintext: &[u8], nonce: [u8; 24]) -> Vec<u8> {
    seal_as(CACHED_FORMAT, key, &associated_cached(subject), plaintext, nonce)
}

/// Opens a box that [`seal_cached`] made with the same key for the same subject.
///
/// # Errors
/// When the box is of an unknown format, cut short, altered, or was sealed for something else.
pub fn open_cached(key: &DataKey, subject: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    open_as(CACHED_FORMAT, key, &associated_cached(subject), sealed)
}

fn seal_as(format: u8, key: &DataKey, associated: &Associated, plaintext: &[u8], nonce: [u8; 24]) -> Vec<u8> {
    let sealed = encrypt(key.bytes(), &nonce, associated, plaintext);
    let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
    bytes.push(format);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    bytes
}

fn open_as(format: u8, key: &DataKey, associated: &Associated, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (found, rest) = sealed.split_first().ok_or(OpenError::CutShort)?;
    if *found != format {
        return Err(OpenError::UnknownFormat);
    }
    let (nonce, ciphertext) = rest.split_first_chunk().ok_or(OpenError::CutShort)?;
    if ciphertext.len() < TAG_BYTES {
        return Err(OpenError::CutShort);
    }
    decrypt(key.bytes(), nonce, associated, ciphertext).map_err(|_| OpenError::Forged)
}

fn associated(subject: &str, event_id: &[u8; 16]) -> Associated {
    Associated::with(FORMAT).part(event_id).part(subject.as_bytes())
}

fn associated_cached(subject: &str) -> Associated {
    Associated::with(CACHED_FORMAT).part(subject.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: [u8; 24] = [7; 24];

    proptest! {
        #[test]
        fn a_box_opens_to_what_was_sealed(
            key: [u8; 32], subject in ".{0,40}", event: [u8; 16], plain: Vec<u8>, nonce: [u8; 24],
        ) {
            let key = DataKey::new(key);
            let sealed = seal(&key, &subject, &event, &plain, nonce);
            prop_assert_eq!(sealed.len(), plain.len() + BOX_OVERHEAD_BYTES);
            prop_assert_eq!(open(&key, &subject, &event, &sealed), Ok(plain));
        }

        #[test]
        fn a_box_opens_for_no_other_key_subject_or_event(
            key: [u8; 32], other_key: [u8; 32], subject in ".{0,40}", other in ".{0,40}",
            event: [u8; 16], other_event: [u8; 16], plain: Vec<u8>,
        ) {
            prop_assume!(key != other_key && subject != other && event != other_event);
            let (key, other_key) = (DataKey::new(key), DataKey::new(other_key));
            let sealed = seal(&key, &subject, &event, &plain, NONCE);
            prop_assert_eq!(open(&other_key, &subject, &event, &sealed), Err(OpenError::Forged));
            prop_assert_eq!(open(&key, &other, &event, &sealed), Err(OpenError::Forged));
            prop_assert_eq!(open(&key, &subject, &other_event, &sealed), Err(OpenError::Forged));
        }
    }

    #[test]
    fn a_box_of_a_cache_opens_for_its_subject_and_is_no_box_of_a_record() {
        let key = DataKey::new([1; 32]);
        let sealed = seal_cached(&key, "org_acme", b"ci", NONCE);
        assert_eq!(sealed.len(), 2 + BOX_OVERHEAD_BYTES);
        assert_eq!(open_cached(&key, "org_acme", &sealed).unwrap(), b"ci");
        assert_eq!(open_cached(&key, "org_other", &sealed), Err(OpenError::Forged));
        assert_eq!(open(&key, "org_acme", &[2; 16], &sealed), Err(OpenError::UnknownFormat));
        let of_record = seal(&key, "org_acme", &[2; 16], b"ci", NONCE);
        assert_eq!(open_cached(&key, "org_acme", &of_record), Err(OpenError::UnknownFormat));
        for length in 0..sealed.len() {
            assert!(open_cached(&key, "org_acme", &sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let key = DataKey::new([1; 32]);
        let sealed = seal(&key, "mem_ada", &[2; 16], b"Ada Lovelace", NONCE);
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key, "mem_ada", &[2; 16], &altered).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open(&key, "mem_ada", &[2; 16], &sealed[..length]).is_err(), "length {length}");
        }
    }
}
