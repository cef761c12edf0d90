//! The mark beside the files: the last block that was acknowledged.

use super::hash::{BlockHash, Last};
use crate::{
    sqlite::{seal, unseal},
    usage::{Lane, Place},
};

/// What a mark begins with; counted up when its form changes. Then come the lane (2 bytes,
/// big-endian), the place (8), the hash (32), and the checksum (4).
const TAG: [u8; 4] = *b"CFU1";

/// The last block that was acknowledged, in whichever lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    pub(super) lane: Lane,
    pub(super) last: Last,
}

impl Mark {
    /// As it is written.
    pub(super) fn encode(self) -> Vec<u8> {
        let place = self.last.place.0.to_be_bytes();
        seal(TAG, &[&self.lane.0.to_be_bytes()[..], &place, &self.last.hash.0].concat())
    }

    /// What was written; nothing if it is damaged.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (lane, rest) = unseal(TAG, bytes)?.split_first_chunk()?;
        let (place, hash) = rest.split_first_chunk()?;
        let hash = BlockHash(hash.try_into().ok()?);
        let last = Last { place: Place(u64::from_be_bytes(*place)), hash };
        Some(Self { lane: Lane(u16::from_be_bytes(*lane)), last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Mark = Mark {
        lane: Lane(0x0102),
        last: Last { place: Place(0x0304_0506_0708_090a), hash: BlockHash([0xab; 32]) },
    };

    #[test]
    fn the_form_of_a_mark_stays_as_it_is() {
        let mut form = b"CFU1\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a".to_vec();
        form.extend([0xab; 32]);
        form.extend([0x3c, 0xcd, 0x83, 0x4e]);
        assert_eq!(MARK.encode(), form);
    }

    #[test]
    fn a_mark_is_read_as_it_was_written_and_a_flipped_bit_or_another_length_makes_it_none() {
        let whole = MARK.encode();
        assert_eq!(Mark::decode(&whole), Some(MARK));
        for bit in 0..8 * whole.len() {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Mark::decode(&flipped), None, "bit {bit}");
        }
        for cut in 0..whole.len() {
            assert_eq!(Mark::decode(&whole[..cut]), None, "{cut} bytes");
        }
    }
}
