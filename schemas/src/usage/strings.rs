//! Columns of ids and of byte strings.

use super::BlockError;
use super::cursor::{Cursor, put_string};
use super::numbers::COMPRESSED;
use super::packing::{Packer, Unpacker};

/// Bytes an id (one byte, 1 to 16), then each id in that many bytes, big endian.
const IDS: u8 = 5;
/// Each string behind its length (varint).
const STRINGS: u8 = 6;

/// Appends the body of a column of ids, in as few bytes as its greatest needs.
pub(super) fn encode_ids(ids: &[u128], out: &mut Vec<u8>) -> u8 {
    let greatest = ids.iter().max().copied().unwrap_or_default();
    let zeros = (greatest | 1).leading_zeros() / 8;
    out.push((16 - zeros).to_le_bytes()[0]);
    for id in ids {
        out.extend(id.to_be_bytes().iter().skip(zeros as usize));
    }
    IDS
}

/// Reads a column of exactly `count` ids.
pub(super) fn decode_ids(encoding: u8, body: &[u8], count: usize) -> Result<Vec<u128>, BlockError> {
    if encoding != IDS {
        return Err(BlockError::Malformed("a column of ids has an unknown encoding"));
    }
    let mut cursor = Cursor::over(body);
    let width = usize::from(cursor.byte()?);
    if !(1..=16).contains(&width) || cursor.left() != count * width {
        return Err(BlockError::Malformed("a column of ids has another length"));
    }
    (0..count).map(|_| Ok(number(cursor.take(width)?))).collect()
}

fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// Appends the body of a column of strings. Sealed strings do not compress: say so and save time.
pub(super) fn encode_strings<S: AsRef<[u8]>>(
    strings: &[S],
    packer: Option<&mut Packer>,
    out: &mut Vec<u8>,
) -> u8 {
    let start = out.len();
    for string in strings {
        put_string(string.as_ref(), out);
    }
    let body = out.get(start..).unwrap_or_default();
    let Some(shorter) = packer.and_then(|it| it.pack(body, body.len())) else {
        return STRINGS;
    };
    out.truncate(start);
    out.extend_from_slice(&shorter);
    STRINGS | COMPRESSED
}

/// Reads a column of exactly `count` strings.
pub(super) fn decode_strings(
    encoding: u8,
    body: &[u8],
    count: usize,
    unpacker: &mut Unpacker,
) -> Result<Vec<Box<[u8]>>, BlockError> {
    match encoding {
        STRINGS => read_strings(Cursor::over(body), count),
        it if it == STRINGS | COMPRESSED => read_strings(Cursor::over(&unpacker.unpack(body)?), count),
        _ => Err(BlockError::Malformed("a column of strings has an unknown encoding")),
    }
}

fn read_strings(mut cursor: Cursor<'_>, count: usize) -> Result<Vec<Box<[u8]>>, BlockError> {
    let strings = (0..count).map(|_| cursor.string().map(Box::from)).collect::<Result<_, _>>()?;
    cursor.end()?;
    Ok(strings)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_read_as_they_were_written(ids in vec(any::<u128>(), 1..50), shift in 0_u32..128) {
            let ids: Vec<u128> = ids.into_iter().map(|it| it >> shift).collect();
            let mut body = Vec::new();
            let encoding = encode_ids(&ids, &mut body);
            prop_assert_eq!(decode_ids(encoding, &body, ids.len()).unwrap(), ids);
        }

        #[test]
        fn strings_read_as_they_were_written(
            strings in vec(vec(any::<u8>(), 0..40), 1..50), pack: bool,
        ) {
            let (mut body, mut packer) = (Vec::new(), Packer::new());
            let encoding = encode_strings(&strings, pack.then_some(&mut packer), &mut body);
            let read = decode_strings(encoding, &body, strings.len(), &mut Unpacker::new());
            let read: Vec<Vec<u8>> = read.unwrap().into_iter().map(Vec::from).collect();
            prop_assert_eq!(read, strings);
        }

        #[test]
        fn any_bytes_read_without_a_panic(body: Vec<u8>, encoding: u8, count in 0_usize..5000) {
            let _ = decode_ids(encoding, &body, count);
            let _ = decode_strings(encoding, &body, count, &mut Unpacker::new());
        }
    }

    #[test]
    fn ids_take_the_bytes_of_the_greatest() {
        let mut body = Vec::new();
        assert_eq!(encode_ids(&[0x1234, 7], &mut body), IDS);
        assert_eq!(body, [2, 0x12, 0x34, 0, 7]);
    }
}
