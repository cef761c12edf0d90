//! Numbers as letters and digits, at a fixed width: `0-9`, `A-Z`, `a-z`, most significant first.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The value of one character, or 255 where it is none of ours.
const VALUES: [u8; 256] = values();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index fails the build")]
const fn values() -> [u8; 256] {
    let mut values = [255; 256];
    let mut digit = 0_u8;
    while digit < 62 {
        values[ALPHABET[digit as usize] as usize] = digit;
        digit += 1;
    }
    values
}

/// Characters that fit 64 bits together. Dividing those by a constant costs a multiplication; dividing 128 bits, or
/// byte by byte, costs many times as much.
const CHUNK: usize = 10;
/// What [`CHUNK`] characters count up to.
const CHUNK_BASE: u64 = 62_u64.pow(10);
/// Characters that fit 32 bits together, and what they count up to.
const HALF: usize = 5;
const HALF_BASE: u64 = 62_u64.pow(5);

/// Writes `value` into all of `out`, padded on the left. What does not fit is lost, so callers choose the width.
pub(crate) fn encode(mut value: u128, out: &mut [u8]) {
    for chunk in out.rchunks_mut(CHUNK) {
        let rest = value / u128::from(CHUNK_BASE);
        let low = value - rest * u128::from(CHUNK_BASE);
        write_low(u64::try_from(low).unwrap_or(u64::MAX), chunk);
        value = rest;
    }
}

/// Writes a big-endian number of any length into all of `out`, by long division.
pub(crate) fn encode_bytes(number: &[u8], out: &mut [u8]) {
    let limb = |bytes: &[u8]| bytes.iter().fold(0, |limb, byte| (limb << 8) | u64::from(*byte));
    let mut limbs: Vec<u64> = number.rchunks(4).rev().map(limb).collect();
    for chunk in out.rchunks_mut(HALF) {
        let mut remainder = 0;
        for limb in &mut limbs {
            // The remainder is below 62⁵ and so below 2³⁰: the dividend fits.
            let dividend = (remainder << 32) | *limb;
            *limb = dividend / HALF_BASE;
            remainder = dividend % HALF_BASE;
        }
        write_low(remainder, chunk);
    }
}

/// The number that `text` spells, or nothing where a character is foreign or the number is beyond 128 bits.
pub(crate) fn decode(text: &[u8]) -> Option<u128> {
    text.chunks(CHUNK).try_fold(0_u128, |value, chunk| {
        let (mut low, mut base) = (0_u64, 1_u64);
        for character in chunk {
            let digit = VALUES.get(usize::from(*character)).copied().filter(|it| *it < 62)?;
            low = low * 62 + u64::from(digit);
            base *= 62;
        }
        value.checked_mul(base.into())?.checked_add(low.into())
    })
}

/// Writes what is below 62 to the power of the chunk's length.
fn write_low(mut low: u64, chunk: &mut [u8]) {
    for place in chunk.iter_mut().rev() {
        *place = character((low % 62) as usize);
        low /= 62;
    }
}

/// Whether every character is one of the sixty-two.
pub(crate) fn is_base62(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_alphanumeric)
}

fn character(digit: usize) -> u8 {
    ALPHABET.get(digit).copied().unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(value: u128) {
            let mut text = [0; 22];
            encode(value, &mut text);
            prop_assert_eq!(decode(&text), Some(value));
        }

        #[test]
        fn bytes_are_written_as_the_number_they_are(value: u128) {
            let (mut short, mut long) = ([0; 22], [0; 22]);
            encode(value, &mut short);
            encode_bytes(&value.to_be_bytes(), &mut long);
            prop_assert_eq!(short, long);
        }
    }

    #[test]
    fn foreign_characters_and_numbers_too_large_are_nothing() {
        assert_eq!(decode(b"00-0"), None);
        assert_eq!(decode(&[b'z'; 22]), None);
    }
}
