//! The keys that wrap data keys.

use zeroize::Zeroizing;

use super::DataKey;
use super::aead::{Associated, NONCE_BYTES, TAG_BYTES, decrypt, encrypt};

const FORMAT: u8 = 0x41;
const ID_BYTES: usize = 4;
const KEY_BYTES: usize = 32;

/// Length of a wrapped data key in bytes.
pub const WRAPPED_KEY_BYTES: usize = 1 + ID_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// Why a wrapped data key could not be unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    /// Not [`WRAPPED_KEY_BYTES`] bytes, or of a format that this version does not know.
    #[error("the wrapped key has an unknown format")]
    UnknownFormat,
    /// It is wrapped under a master key that is not at hand.
    #[error("the wrapped key needs master key {master}, which is not at hand")]
    MasterKeyMissing {
        /// Id of the master key it is wrapped under.
        master: u32,
    },
    /// It was wrapped for another subject or under other key bytes, or has changed.
    #[error("the wrapped key was not wrapped for this subject, or has been altered")]
    Forged,
}

/// A master key: wraps data keys, wiped when dropped, never printed or serialized.
pub struct MasterKey {
    id: u32,
    bytes: Zeroizing<[u8; 32]>,
}

impl MasterKey {
    /// Takes 32 bytes of a cryptographic random source as the master key `id`. An id is never
    /// given to other bytes.
    pub fn new(id: u32, bytes: [u8; 32]) -> Self {
        Self { id, bytes: Zeroizing::new(bytes) }
    }

    /// The id, which wrapped keys carry in clear.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Wraps the data key of `subject`; `nonce` is 24 random bytes and is stored with it.
    pub fn wrap(&self, subject: &str, key: &DataKey, nonce: [u8; 24]) -> Vec<u8> {
        let sealed = encrypt(&self.bytes, &nonce, &associated(self.id, subject), key.bytes());
        let mut bytes = Vec::with_capacity(WRAPPED_KEY_BYTES);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.id.to_be_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        bytes
    }

    /// Unwraps what [`MasterKey::wrap`] wrapped for the same subject.
    ///
    /// # Errors
    /// When the bytes are of an unknown format, under another master key, or not genuine.
    pub fn unwrap_key(&self, subject: &str, wrapped: &[u8]) -> Result<DataKey, UnwrapError> {
        let Parts { master, nonce, sealed } = split(wrapped).ok_or(UnwrapError::UnknownFormat)?;
        if master != self.id {
            return Err(UnwrapError::MasterKeyMissing { master });
        }
        let plain = decrypt(&self.bytes, nonce, &associated(master, subject), sealed)
            .map(Zeroizing::new)
            .map_err(|_| UnwrapError::Forged)?;
        let bytes: [u8; 32] = plain.as_slice().try_into().map_err(|_| UnwrapError::UnknownFormat)?;
        Ok(DataKey::new(bytes))
    }
}

/// The master keys at hand: new data keys are wrapped under the current one, older ones still
/// open what they wrapped until it is wrapped anew.
pub struct MasterKeys {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl MasterKeys {
    /// Only one master key, the usual case.
    pub fn only(current: MasterKey) -> Self {
        Self { current, older: Vec::new() }
    }

    /// A current key and those it replaced.
    pub fn new(current: MasterKey, older: Vec<MasterKey>) -> Self {
        Self { current, older }
    }

    /// The key that wraps from now on.
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// Unwraps under whichever key wrapped it.
    ///
    /// # Errors
    /// As [`MasterKey::unwrap_key`].
    pub fn unwrap_key(&self, subject: &str, wrapped: &[u8]) -> Result<DataKey, UnwrapError> {
        let master = wrapped_under(wrapped).ok_or(UnwrapError::UnknownFormat)?;
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == master)
            .ok_or(UnwrapError::MasterKeyMissing { master })?
            .unwrap_key(subject, wrapped)
    }
}

/// The id of the master key that `wrapped` needs, or none if these are no wrapped key's bytes.
pub fn wrapped_under(wrapped: &[u8]) -> Option<u32> {
    split(wrapped).map(|parts| parts.master)
}

struct Parts<'a> {
    master: u32,
    nonce: &'a [u8; NONCE_BYTES],
    sealed: &'a [u8],
}

fn split(wrapped: &[u8]) -> Option<Parts<'_>> {
    if wrapped.len() != WRAPPED_KEY_BYTES {
        return None;
    }
    let rest = wrapped.strip_prefix(&[FORMAT])?;
    let (master, rest) = rest.split_first_chunk::<ID_BYTES>()?;
    let (nonce, sealed) = rest.split_first_chunk()?;
    Some(Parts { master: u32::from_be_bytes(*master), nonce, sealed })
}

fn associated(master: u32, subject: &str) -> Associated {
    Associated::with(FORMAT).fixed(&master.to_be_bytes()).part(subject.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first() -> MasterKey {
        MasterKey::new(1, [1; 32])
    }

    proptest! {
        #[test]
        fn a_wrapped_key_unwraps_to_itself_and_for_its_subject_only(
            key: [u8; 32], nonce: [u8; 24], subject in ".{0,40}", other in ".{0,40}",
        ) {
            prop_assume!(subject != other);
            let wrapped = first().wrap(&subject, &DataKey::new(key), nonce);
            prop_assert_eq!(wrapped.len(), WRAPPED_KEY_BYTES);
            let unwrapped = first().unwrap_key(&subject, &wrapped);
            prop_assert_eq!(unwrapped.map(|it| *it.bytes()), Ok(key));
            prop_assert_eq!(first().unwrap_key(&other, &wrapped).err(), Some(UnwrapError::Forged));
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let wrapped = first().wrap("mem_ada", &DataKey::new([9; 32]), [3; 24]);
        for bit in 0..wrapped.len() * 8 {
            let mut altered = wrapped.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(first().unwrap_key("mem_ada", &altered).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn an_older_master_key_opens_what_it_wrapped_and_an_absent_one_is_named() {
        let wrapped = first().wrap("mem_ada", &DataKey::new([9; 32]), [3; 24]);
        let both = MasterKeys::new(MasterKey::new(2, [2; 32]), vec![first()]);
        assert!(both.unwrap_key("mem_ada", &wrapped).is_ok());
        let later = MasterKeys::only(MasterKey::new(2, [2; 32]));
        let missing = later.unwrap_key("mem_ada", &wrapped).err();
        assert_eq!(missing, Some(UnwrapError::MasterKeyMissing { master: 1 }));
    }
}
