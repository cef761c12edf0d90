//! Compression of one column, and the bound on what a block may unfold to.

use zstd::bulk::{Compressor, Decompressor};

use super::BlockError;
use super::cursor::{Cursor, put_varint, varint_length};

/// Low, because a block is small and waited for.
const LEVEL: i32 = 1;
/// Shorter bodies are not worth a frame of their own.
const SHORTEST: usize = 48;
/// All columns of a block together unfold to at most this.
const MOST_UNFOLDED: usize = 4 << 20;

/// Compresses columns, one frame each, with one context for a whole block.
pub(super) struct Packer(Option<Compressor<'static>>);

impl Packer {
    pub(super) fn new() -> Self {
        Self(None)
    }

    /// `length of body (varint) ‖ zstd frame`, if that is shorter than `below`.
    ///
    /// A context that cannot be had or fails is no reason to lose a block: it stays uncompressed.
    pub(super) fn pack(&mut self, body: &[u8], below: usize) -> Option<Vec<u8>> {
        if body.len() < SHORTEST {
            return None;
        }
        let frame = self.compressor()?.compress(body).ok()?;
        if varint_length(body.len() as u64) + frame.len() >= below {
            return None;
        }
        let mut packed = Vec::with_capacity(frame.len() + 4);
        put_varint(body.len() as u64, &mut packed);
        packed.extend_from_slice(&frame);
        Some(packed)
    }

    fn compressor(&mut self) -> Option<&mut Compressor<'static>> {
        if self.0.is_none() {
            self.0 = Some(Compressor::new(LEVEL).ok()?);
        }
        self.0.as_mut()
    }
}

/// Unfolds columns within a budget that hostile bytes cannot exceed.
pub(super) struct Unpacker {
    decompressor: Option<Decompressor<'static>>,
    budget: usize,
}

impl Unpacker {
    pub(super) fn new() -> Self {
        Self { decompressor: None, budget: MOST_UNFOLDED }
    }

    /// Turns [`Packer::pack`] back.
    pub(super) fn unpack(&mut self, packed: &[u8]) -> Result<Vec<u8>, BlockError> {
        let mut cursor = Cursor::over(packed);
        let length = cursor.small()?;
        self.budget = self.budget.checked_sub(length).ok_or(BlockError::TooLarge)?;
        let frame = cursor.take(cursor.left())?;
        let body = self.decompressor()?.decompress(frame, length).map_err(|_| BAD_FRAME)?;
        if body.len() == length { Ok(body) } else { Err(BAD_FRAME) }
    }

    fn decompressor(&mut self) -> Result<&mut Decompressor<'static>, BlockError> {
        if self.decompressor.is_none() {
            self.decompressor = Some(Decompressor::new().map_err(|_| BAD_FRAME)?);
        }
        self.decompressor.as_mut().ok_or(BAD_FRAME)
    }
}

const BAD_FRAME: BlockError = BlockError::Malformed("a column does not decompress");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_packed_and_unpacks_to_itself() {
        let body = b"GET /v1/reports ".repeat(100);
        let packed = Packer::new().pack(&body, body.len()).unwrap();
        assert!(packed.len() < body.len() / 10);
        assert_eq!(Unpacker::new().unpack(&packed).unwrap(), body);
    }

    #[test]
    fn a_bomb_is_refused_before_it_unfolds() {
        let body = vec![0; MOST_UNFOLDED / 2 + 1];
        let bomb = Packer::new().pack(&body, body.len()).unwrap();
        let mut unpacker = Unpacker::new();
        assert!(unpacker.unpack(&bomb).is_ok());
        assert!(matches!(unpacker.unpack(&bomb), Err(BlockError::TooLarge)));
    }

    #[test]
    fn a_frame_that_unfolds_to_more_than_it_says_is_refused() {
        let mut packed = Packer::new().pack(&[7; 100], 100).unwrap();
        packed[0] = 99;
        assert!(Unpacker::new().unpack(&packed).is_err());
    }
}
