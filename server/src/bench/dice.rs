//! Dice that fall the same in every run, so that two runs measure the same work.

use sha2::{Digest, Sha256};

/// What the bytes are for: two purposes never share them.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Id = 1,
    Secret = 2,
    Order = 3,
    Stream = 4,
}

/// 32 bytes that look random, the same for the same number.
pub(super) fn throw(purpose: Purpose, number: u64) -> [u8; 32] {
    let hash = Sha256::new().chain_update([purpose as u8]).chain_update(number.to_be_bytes());
    hash.finalize().into()
}

/// The first `N` of the bytes.
pub(super) fn bytes<const N: usize>(purpose: Purpose, number: u64) -> [u8; N] {
    let mut first = [0; N];
    first.iter_mut().zip(throw(purpose, number)).for_each(|(place, byte)| *place = byte);
    first
}

/// A number below `end`, which is not 0.
pub(super) fn below(end: u32, number: u64) -> u32 {
    let thrown = u32::from_be_bytes(bytes(Purpose::Order, number));
    thrown.checked_rem(end).unwrap_or_default()
}

/// The numbers below `end`, each once, in an order that looks random.
pub(super) fn shuffled(end: u32) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..end).collect();
    numbers.sort_by_cached_key(|it| bytes::<8>(Purpose::Order, u64::from(*it)));
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_has_each_number_once_and_is_the_same_again() {
        let mut numbers = shuffled(1_000);
        assert_eq!(numbers, shuffled(1_000));
        assert_ne!(numbers, (0..1_000).collect::<Vec<_>>());
        numbers.sort_unstable();
        assert_eq!(numbers, (0..1_000).collect::<Vec<_>>());
    }
}
