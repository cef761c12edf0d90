//! Columns of numbers: four layouts, the shortest of which is taken.

use super::BlockError;
use super::cursor::{Cursor, low_byte, put_varint, varint_length};
use super::packing::{Packer, Unpacker};

/// One varint, the value of every row.
const CONSTANT: u8 = 1;
/// A varint for each row.
const VARINTS: u8 = 2;
/// Least value (varint), bits a value (one byte, 1 to 64), then the differences from the least
/// value, each in that many bits, the lowest bit first, the last byte filled with zeros.
const PACKED: u8 = 3;
/// Pairs of varints: a value, and for how many rows (at least one) it stands.
const RUNS: u8 = 4;
/// Added to the layout where the body is compressed.
pub(super) const COMPRESSED: u8 = 0x80;
/// Bodies up to this length are left as they are.
const SHORT: usize = 32;

/// Appends the body of a column of at least one value and returns its encoding byte.
pub(super) fn encode(values: &[u64], packer: &mut Packer, out: &mut Vec<u8>) -> u8 {
    let sizes = Sizes::of(values);
    let (layout, length) = sizes.shortest();
    if length > SHORT
        && let Some(packed) = packer.pack(&varints(values, sizes.varints), length)
    {
        out.extend_from_slice(&packed);
        return VARINTS | COMPRESSED;
    }
    match layout {
        CONSTANT => put_varint(sizes.least, out),
        PACKED => put_packed(values, &sizes, out),
        RUNS => runs(values).for_each(|(value, count)| {
            put_varint(value, out);
            put_varint(count, out);
        }),
        _ => out.extend_from_slice(&varints(values, sizes.varints)),
    }
    layout
}

/// Reads a column of exactly `rows` values.
pub(super) fn decode(
    encoding: u8,
    body: &[u8],
    rows: usize,
    unpacker: &mut Unpacker,
) -> Result<Vec<u64>, BlockError> {
    if encoding == VARINTS | COMPRESSED {
        return read_varints(Cursor::over(&unpacker.unpack(body)?), rows);
    }
    let cursor = Cursor::over(body);
    match encoding {
        CONSTANT => read_constant(cursor, rows),
        VARINTS => read_varints(cursor, rows),
        PACKED => read_packed(cursor, rows),
        RUNS => read_runs(cursor, rows),
        _ => Err(BlockError::Malformed("a column of numbers has an unknown encoding")),
    }
}

/// How long each layout would be, found in one pass.
struct Sizes {
    least: u64,
    width: u32,
    constant: Option<usize>,
    varints: usize,
    packed: usize,
    runs: usize,
}

impl Sizes {
    fn of(values: &[u64]) -> Self {
        let least = values.iter().min().copied().unwrap_or_default();
        let spread = values.iter().max().copied().unwrap_or_default() - least;
        let width = 64 - spread.leading_zeros();
        let bits = values.len() * width as usize;
        Self {
            least,
            width,
            constant: (spread == 0).then(|| varint_length(least)),
            varints: values.iter().map(|it| varint_length(*it)).sum(),
            packed: varint_length(least) + 1 + bits.div_ceil(8),
            runs: runs(values).map(|(value, n)| varint_length(value) + varint_length(n)).sum(),
        }
    }

    fn shortest(&self) -> (u8, usize) {
        if let Some(length) = self.constant {
            return (CONSTANT, length);
        }
        [(PACKED, self.packed), (VARINTS, self.varints), (RUNS, self.runs)]
            .into_iter()
            .min_by_key(|(_, length)| *length)
            .unwrap_or((VARINTS, self.varints))
    }
}

fn runs(values: &[u64]) -> impl Iterator<Item = (u64, u64)> + '_ {
    values.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, run.len() as u64)))
}

fn varints(values: &[u64], length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length);
    for value in values {
        put_varint(*value, &mut bytes);
    }
    bytes
}

fn put_packed(values: &[u64], sizes: &Sizes, out: &mut Vec<u8>) {
    put_varint(sizes.least, out);
    out.push(low_byte(u64::from(sizes.width)));
    let (mut waiting, mut bits) = (0_u128, 0_u32);
    for value in values {
        waiting |= u128::from(value - sizes.least) << bits;
        bits += sizes.width;
        while bits >= 8 {
            out.push(waiting.to_le_bytes()[0]);
            waiting >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        out.push(waiting.to_le_bytes()[0]);
    }
}

fn read_constant(mut cursor: Cursor<'_>, rows: usize) -> Result<Vec<u64>, BlockError> {
    let value = cursor.varint()?;
    cursor.end()?;
    Ok(vec![value; rows])
}

fn read_varints(mut cursor: Cursor<'_>, rows: usize) -> Result<Vec<u64>, BlockError> {
    let values = (0..rows).map(|_| cursor.varint()).collect::<Result<_, _>>()?;
    cursor.end()?;
    Ok(values)
}

fn read_packed(mut cursor: Cursor<'_>, rows: usize) -> Result<Vec<u64>, BlockError> {
    let least = cursor.varint()?;
    let width = u32::from(cursor.byte()?);
    if !(1..=64).contains(&width) {
        return Err(BlockError::Malformed("a packed column has an impossible width"));
    }
    let mask = u64::MAX >> (64 - width);
    let (mut waiting, mut bits) = (0_u128, 0_u32);
    let mut values = Vec::with_capacity(rows);
    for _ in 0..rows {
        while bits < width {
            waiting |= u128::from(cursor.byte()?) << bits;
            bits += 8;
        }
        values.push(least.wrapping_add(low_word(waiting) & mask));
        waiting >>= width;
        bits -= width;
    }
    cursor.end()?;
    Ok(values)
}

#[expect(clippy::cast_possible_truncation, reason = "the lowest 64 bits are what is wanted")]
fn low_word(waiting: u128) -> u64 {
    waiting as u64
}

fn read_runs(mut cursor: Cursor<'_>, rows: usize) -> Result<Vec<u64>, BlockError> {
    let mut values = Vec::with_capacity(rows);
    while values.len() < rows {
        let value = cursor.varint()?;
        let count: usize = cursor.small()?;
        if count == 0 || count > rows - values.len() {
            return Err(BlockError::Malformed("a run is longer than its column"));
        }
        values.resize(values.len() + count, value);
    }
    cursor.end()?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn encoded(values: &[u64]) -> (u8, Vec<u8>) {
        let mut body = Vec::new();
        (encode(values, &mut Packer::new(), &mut body), body)
    }

    fn column() -> impl Strategy<Value = Vec<u64>> {
        (0_u32..64, 1_usize..9).prop_flat_map(|(shift, repeats)| {
            vec(any::<u64>(), 1..200).prop_map(move |values| {
                let of_width = values.into_iter().map(|it| it >> shift);
                of_width.flat_map(|it| std::iter::repeat_n(it, repeats)).collect()
            })
        })
    }

    proptest! {
        #[test]
        fn a_column_reads_as_it_was_written(values in column()) {
            let (encoding, body) = encoded(&values);
            let read = decode(encoding, &body, values.len(), &mut Unpacker::new());
            prop_assert_eq!(read.unwrap(), values);
        }

        #[test]
        fn any_bytes_read_without_a_panic(body: Vec<u8>, encoding: u8, rows in 0_usize..5000) {
            let _ = decode(encoding, &body, rows, &mut Unpacker::new());
        }
    }

    #[test]
    fn each_layout_has_its_bytes() {
        assert_eq!(encoded(&[300; 50]), (CONSTANT, vec![0xac, 2]));
        assert_eq!(encoded(&[5, 300]), (VARINTS, vec![5, 0xac, 2]));
        assert_eq!(encoded(&[9, 8, 11, 10, 8]), (PACKED, vec![8, 2, 0b1011_0001, 0]));
        let mut runs = vec![7; 200];
        runs.extend([1; 100]);
        assert_eq!(encoded(&runs), (RUNS, vec![7, 200, 1, 1, 100]));
    }

    #[test]
    fn a_column_of_another_length_is_refused() {
        for values in [vec![3; 9], vec![1, 2, 9], vec![1, 900_000, 2], vec![8; 90]] {
            let (encoding, body) = encoded(&values);
            if encoding != CONSTANT {
                let read = |rows| decode(encoding, &body, rows, &mut Unpacker::new());
                assert!(read(values.len() - 1).is_err() && read(values.len() + 9).is_err());
            }
        }
    }
}
