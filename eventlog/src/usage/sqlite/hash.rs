//! What is written beside each block, so that no change of it goes unseen.

use sha2::{Digest, Sha256};

use crate::usage::{Lane, Place};

/// SHA-256 over `CFB1`, the lane (2 bytes, big-endian), the place (8) and the bytes of a block: a
/// block that was moved is as wrong as one that was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct BlockHash(pub(super) [u8; 32]);

impl BlockHash {
    /// The hash of a block at its place.
    pub(super) fn of(lane: Lane, place: Place, bytes: &[u8]) -> Self {
        let place = place.0.to_be_bytes();
        let hash = Sha256::new().chain_update(b"CFB1").chain_update(lane.0.to_be_bytes());
        Self(hash.chain_update(place).chain_update(bytes).finalize().into())
    }
}

/// The last block of a lane at some moment; the default is that of a lane without any.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Last {
    /// Where it lies.
    pub(super) place: Place,
    /// Its hash.
    pub(super) hash: BlockHash,
}

impl Last {
    /// What stands beside this where it is noted: SHA-256 over `CFL1`, the lane (2 bytes,
    /// big-endian), the place (8) and the hash.
    pub(super) fn seal(self, lane: Lane) -> [u8; 32] {
        let place = self.place.0.to_be_bytes();
        let seal = Sha256::new().chain_update(b"CFL1").chain_update(lane.0.to_be_bytes());
        seal.chain_update(place).chain_update(self.hash.0).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_what_is_hashed_stays_as_it_is() {
        let (lane, place) = (Lane(0x0102), Place(0x0304_0506_0708_090a));
        let hash = BlockHash::of(lane, place, b"block");
        assert_eq!(
            hash.0,
            <[u8; 32]>::from(Sha256::digest(b"CFB1\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0ablock"))
        );
        let said = [&b"CFL1\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"[..], &hash.0].concat();
        assert_eq!(Last { place, hash }.seal(lane), <[u8; 32]>::from(Sha256::digest(said)));
    }
}
