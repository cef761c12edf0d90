//! Reading and writing numbers byte by byte.

use super::BlockError;

/// The most bytes that a number of 64 bits takes.
const VARINT_BYTES: usize = 10;

/// Bytes not yet read; reading beyond them is an error and never a panic.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn over(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], BlockError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(BlockError::CutShort)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, BlockError> {
        let (byte, rest) = self.0.split_first().ok_or(BlockError::CutShort)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], BlockError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(BlockError::CutShort)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn varint(&mut self) -> Result<u64, BlockError> {
        let mut value = 0;
        for place in 0..VARINT_BYTES {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let shift = 7 * place;
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(BlockError::Malformed("a number exceeds 64 bits"))
    }

    /// A varint that must fit a smaller type.
    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, BlockError> {
        T::try_from(self.varint()?).map_err(|_| BlockError::Malformed("a number is too great"))
    }

    /// Bytes behind their length.
    pub(super) fn string(&mut self) -> Result<&'a [u8], BlockError> {
        let length = self.small()?;
        self.take(length)
    }

    pub(super) fn end(self) -> Result<(), BlockError> {
        if self.0.is_empty() { Ok(()) } else { Err(BlockError::Malformed("bytes are left over")) }
    }
}

/// Appends `value` as LEB128: seven bits a byte, the least first, the high bit where more follow.
pub(super) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(low_byte(value) | 0x80);
        value >>= 7;
    }
    out.push(low_byte(value));
}

/// Appends bytes behind their length.
pub(super) fn put_string(bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// How many bytes [`put_varint`] appends.
pub(super) fn varint_length(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Small differences of either sign as small numbers: 0, -1, 1, -2, 2, …
pub(super) fn zigzag(difference: u64) -> u64 {
    (difference << 1) ^ 0_u64.wrapping_sub(difference >> 63)
}

/// Turns [`zigzag`] back.
pub(super) fn unzigzag(value: u64) -> u64 {
    (value >> 1) ^ 0_u64.wrapping_sub(value & 1)
}

/// The lowest eight bits.
pub(super) fn low_byte(value: u64) -> u8 {
    value.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_reads_as_it_was_written(value: u64, shift in 0_u32..64) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            put_varint(value, &mut bytes);
            prop_assert_eq!(bytes.len(), varint_length(value));
            let mut cursor = Cursor::over(&bytes);
            prop_assert_eq!(cursor.varint().unwrap(), value);
            prop_assert_eq!(cursor.left(), 0);
            prop_assert_eq!(unzigzag(zigzag(value)), value);
        }

        #[test]
        fn any_bytes_read_without_a_panic(bytes: Vec<u8>) {
            let mut cursor = Cursor::over(&bytes);
            while cursor.varint().is_ok() {}
            let _ = Cursor::over(&bytes).string();
        }
    }

    #[test]
    fn a_number_beyond_64_bits_is_refused() {
        let mut most = vec![0xff; 9];
        most.push(1);
        assert_eq!(Cursor::over(&most).varint().unwrap(), u64::MAX);
        most[9] = 2;
        assert!(Cursor::over(&most).varint().is_err());
    }

    #[test]
    fn small_differences_are_small_numbers() {
        assert_eq!([0, u64::MAX, 1, u64::MAX - 1].map(zigzag), [0, 1, 2, 3]);
    }
}
