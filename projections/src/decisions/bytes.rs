//! Columns of numbers, as bytes.
//!
//! A number is a varint (LEB128); a set is its size and then, ascending, what each member exceeds the one
//! before by. Behind them stand the first 8 bytes of the hash of all before, [`Leaf::of`].

use std::collections::BTreeSet;

use eventlog::Leaf;
use store::SqlError;

const CHECKSUM_BYTES: usize = 8;

/// Numbers on their way into a column.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn number(&mut self, value: impl Into<u64>) {
        let mut value = value.into();
        while value >= 0x80 {
            self.0.push(low_seven(value) | 0x80);
            value >>= 7;
        }
        self.0.push(low_seven(value));
    }

    pub(super) fn count(&mut self, length: usize) {
        self.number(length as u64);
    }

    pub(super) fn set(&mut self, members: &BTreeSet<u32>) {
        self.count(members.len());
        let mut before = 0;
        for member in members {
            self.number(member - before);
            before = *member;
        }
    }

    /// The column.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let sum = checksum(&self.0);
        self.0.extend_from_slice(&sum);
        self.0
    }
}

/// Numbers on their way out of a column.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// # Errors
    /// When the bytes are not those that were written.
    pub(super) fn over(column: &'a [u8]) -> Result<Self, SqlError> {
        let (content, sum) = column.split_last_chunk().ok_or_else(damaged)?;
        if *sum == checksum(content) { Ok(Self(content)) } else { Err(damaged()) }
    }

    pub(super) fn number<T: TryFrom<u64>>(&mut self) -> Result<T, SqlError> {
        let mut value = 0_u64;
        for place in 0..10 {
            let (byte, rest) = self.0.split_first().ok_or_else(damaged)?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if *byte < 0x80 {
                return T::try_from(value).map_err(|_| damaged());
            }
        }
        Err(damaged())
    }

    pub(super) fn set(&mut self) -> Result<BTreeSet<u32>, SqlError> {
        let length: u32 = self.number()?;
        let mut member = 0_u32;
        let mut members = BTreeSet::new();
        for _ in 0..length {
            member = member.checked_add(self.number()?).ok_or_else(damaged)?;
            members.insert(member);
        }
        Ok(members)
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

fn low_seven(value: u64) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

fn checksum(content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let hash = Leaf::of(content).0;
    std::array::from_fn(|place| hash.get(place).copied().unwrap_or_default())
}

pub(super) fn damaged() -> SqlError {
    SqlError::Corrupt { message: "a column of the index does not hold what was written".to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_and_sets_read_as_they_were_written(numbers: Vec<u64>, members: BTreeSet<u32>) {
            let mut writer = Writer::default();
            writer.count(numbers.len());
            for it in &numbers {
                writer.number(*it);
            }
            writer.set(&members);
            let column = writer.finish();
            let mut reader = Reader::over(&column).unwrap();
            let length: usize = reader.number().unwrap();
            let read: Vec<u64> = (0..length).map(|_| reader.number().unwrap()).collect();
            prop_assert_eq!(read, numbers);
            prop_assert_eq!(reader.set().unwrap(), members);
            prop_assert!(reader.is_over());
        }

        #[test]
        fn a_changed_bit_is_found(members: BTreeSet<u32>, bit: prop::sample::Index) {
            let mut writer = Writer::default();
            writer.set(&members);
            let mut column = writer.finish();
            let bit = bit.index(column.len() * 8);
            column[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(Reader::over(&column).is_err());
        }
    }
}
