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

/// Writes `value` into all of `out`, padded on the left. What does not fit is lost, so callers choose the width.
pub(crate) fn encode(mut value: u128, out: &mut [u8]) {
    for place in out.iter_mut().rev() {
        *place = character((value % 62) as usize);
        value /= 62;
    }
}

/// Writes a big-endian number of any length into all of `out`, by long division.
pub(crate) fn encode_bytes(number: &[u8], out: &mut [u8]) {
    let mut number = number.to_vec();
    for place in out.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let dividend = (remainder << 8) | u32::from(*byte);
            // The remainder is below 62, so the quotient fits: (61 × 256 + 255) ÷ 62 < 256.
            *byte = u8::try_from(dividend / 62).unwrap_or(u8::MAX);
            remainder = dividend % 62;
        }
        *place = character(remainder as usize);
    }
}

/// The number that `text` spells, or nothing where a character is foreign or the number is beyond 128 bits.
pub(crate) fn decode(text: &[u8]) -> Option<u128> {
    text.iter().try_fold(0_u128, |value, character| {
        let digit = VALUES.get(usize::from(*character)).copied().filter(|it| *it < 62)?;
        value.checked_mul(62)?.checked_add(u128::from(digit))
    })
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
