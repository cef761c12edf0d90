//! The request id that we answer: one AES block that locates a decision and tells nothing.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::NodeStart;

const PREFIX: &str = "req_";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Base62 digits of 128 bits.
const LENGTH: usize = 22;

/// The greatest request counter of a lane: 48 bits, 17 years at 500,000 a second.
pub const MAX_COUNTER: u64 = (1 << 48) - 1;

/// Where a decision is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Locator {
    /// The node start that decided.
    pub node_start: NodeStart,
    /// The lane it is recorded in.
    pub lane: u16,
    /// The lane's request counter, at most [`MAX_COUNTER`].
    pub counter: u64,
}

/// Turns locators into request ids and back, under one key of the deployment that never changes.
#[derive(Clone)]
pub struct RequestIds(Aes128);

impl RequestIds {
    /// Takes 16 bytes of a cryptographic random source as the key.
    pub fn new(key: [u8; 16]) -> Self {
        Self(Aes128::new(&key.into()))
    }

    /// `req_` and 22 base62 characters: AES-128 over
    /// `node start (8) ‖ lane (2) ‖ counter (6)`, big endian.
    ///
    /// A counter above [`MAX_COUNTER`] loses its highest bits.
    pub fn encode(&self, locator: Locator) -> String {
        let head = u128::from(u64::from_be_bytes(locator.node_start.0)) << 64;
        let tail = u128::from(locator.lane) << 48 | u128::from(locator.counter & MAX_COUNTER);
        let mut block = (head | tail).to_be_bytes().into();
        self.0.encrypt_block(&mut block);
        spell(u128::from_be_bytes(block.into()))
    }

    /// What a request id locates, or none where the text cannot be one. A text of the right form
    /// that we never answered locates nothing that exists.
    pub fn decode(&self, text: &str) -> Option<Locator> {
        let mut block = read(text.strip_prefix(PREFIX)?)?.to_be_bytes().into();
        self.0.decrypt_block(&mut block);
        let place = u128::from_be_bytes(block.into());
        let [.., lane_high, lane_low, _, _, _, _, _, _] = place.to_be_bytes();
        Some(Locator {
            node_start: NodeStart(high_word(place).to_be_bytes()),
            lane: u16::from_be_bytes([lane_high, lane_low]),
            counter: low_word(place) & MAX_COUNTER,
        })
    }
}

fn high_word(number: u128) -> u64 {
    (number >> 64) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
fn low_word(number: u128) -> u64 {
    number as u64
}

fn spell(mut value: u128) -> String {
    let mut digits = [b'0'; LENGTH];
    for digit in digits.iter_mut().rev() {
        let place = usize::from((value % 62).to_le_bytes()[0]);
        *digit = DIGITS.get(place).copied().unwrap_or_default();
        value /= 62;
    }
    let mut text = String::with_capacity(PREFIX.len() + LENGTH);
    text.push_str(PREFIX);
    text.extend(digits.map(char::from));
    text
}

fn read(digits: &str) -> Option<u128> {
    if digits.len() != LENGTH {
        return None;
    }
    digits.bytes().try_fold(0_u128, |value, digit| {
        let place = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            b'a'..=b'z' => digit - b'a' + 36,
            _ => return None,
        };
        value.checked_mul(62)?.checked_add(u128::from(place))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_request_id_decodes_to_what_it_locates(
            key: [u8; 16], start: [u8; 8], lane: u16, counter in 0..=MAX_COUNTER,
        ) {
            let locator = Locator { node_start: NodeStart(start), lane, counter };
            let ids = RequestIds::new(key);
            prop_assert_eq!(ids.decode(&ids.encode(locator)), Some(locator));
        }

        #[test]
        fn any_text_decodes_without_a_panic(text in "(req_)?[0-9A-Za-z]{20,24}|.*") {
            if let Some(locator) = RequestIds::new([0; 16]).decode(&text) {
                prop_assert_eq!(RequestIds::new([0; 16]).encode(locator), text);
            }
        }
    }

    #[test]
    fn the_block_of_the_standard_is_spelled_in_base62() {
        // FIPS 197 appendix C.1: key 00..0f, block 00112233..ff.
        let key = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let start = NodeStart([0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]);
        let locator = Locator { node_start: start, lane: 0x8899, counter: 0xaabb_ccdd_eeff };
        let text = RequestIds::new(key).encode(locator);
        assert_eq!(read(&text[4..]), Some(0x69c4_e0d8_6a7b_0430_d8cd_b780_70b4_c55a));
        assert_eq!(text, spell(0x69c4_e0d8_6a7b_0430_d8cd_b780_70b4_c55a));
        assert_eq!(text, "req_3DaAPflIXVwsTITR0c3xn8");
    }

    #[test]
    fn a_number_beyond_128_bits_is_no_request_id() {
        assert_eq!(RequestIds::new([0; 16]).decode("req_zzzzzzzzzzzzzzzzzzzzzz"), None);
    }
}
