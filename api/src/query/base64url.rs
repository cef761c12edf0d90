//! Base64 for addresses, without padding (RFC 4648 §5).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes as text of letters, digits, `-` and `_`.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        let bits = chunk.len() * 8;
        let group = group << (24 - bits);
        for sixth in 0..=chunk.len() {
            let digit = (group >> (18 - 6 * sixth)) & 63;
            text.extend(ALPHABET.get(digit as usize).map(|letter| char::from(*letter)));
        }
    }
    text
}

/// The bytes of a text that [`encode`] made; `None` for any other text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut group = 0_u32;
        for letter in chunk {
            group = group << 6 | digit(*letter)?;
        }
        let whole = chunk.len().checked_sub(1).filter(|it| 0 < *it)?;
        let spare = chunk.len() * 6 - whole * 8;
        if group & ((1 << spare) - 1) != 0 {
            return None;
        }
        let [_, kept @ ..] = (group >> spare).to_be_bytes();
        bytes.extend_from_slice(kept.get(3 - whole..)?);
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u32> {
    Some(match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_standard_hold() {
        // RFC 4648 §10, without padding.
        let vectors = [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in vectors {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        for length in 0..=all.len() {
            assert_eq!(decode(&encode(&all[..length])).unwrap(), &all[..length]);
        }
    }

    #[test]
    fn other_texts_decode_to_nothing() {
        for text in ["A", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
