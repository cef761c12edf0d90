//! Bytes on their way out of a snapshot. None is believed before the tag behind them all was seen to fit.

use std::io::Read;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Doubt, SnapshotKey};

/// What is read at once, and the most that can be asked for at once.
const BUFFER: usize = 256 * 1024;
/// Bytes of the tag.
const TAG_BYTES: usize = 32;

/// Where a snapshot is read from.
pub(super) struct Source<R> {
    input: R,
    tag: Hmac<Sha256>,
    buffer: Vec<u8>,
    /// What was taken of the buffer, and how much of it there is.
    taken: usize,
    filled: usize,
    /// Bytes that are neither taken nor part of the tag.
    left: u64,
}

impl<R: Read> Source<R> {
    /// A source of so many bytes with their tag, which was made under that key.
    pub(super) fn new(input: R, length: u64, key: &SnapshotKey) -> Self {
        let left = length.saturating_sub(TAG_BYTES as u64);
        Self { input, tag: key.tag(), buffer: vec![0; BUFFER], taken: 0, filled: 0, left }
    }

    /// The next bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&[u8], Doubt> {
        let left = self.left.checked_sub(count as u64).ok_or(Doubt::CutShort)?;
        if self.filled - self.taken < count {
            self.fill(count)?;
        }
        let start = self.taken;
        self.taken += count;
        self.left = left;
        self.buffer.get(start..self.taken).ok_or(Doubt::CutShort)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Doubt> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| Doubt::CutShort)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Doubt> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Result<u32, Doubt> {
        self.array().map(u32::from_be_bytes)
    }

    /// The length of a list whose things take at least so many bytes each: never more than there can be.
    pub(super) fn length(&mut self, least: u64) -> Result<usize, Doubt> {
        let length = u64::from(self.number()?);
        let fits = length.checked_mul(least.max(1)).is_some_and(|it| it <= self.left);
        if fits { usize::try_from(length).map_err(|_| Doubt::CutShort) } else { Err(Doubt::CutShort) }
    }

    /// A text, read as what it says.
    pub(super) fn text<T: std::str::FromStr>(&mut self, what: &'static str) -> Result<T, Doubt> {
        let length = self.array().map(u16::from_be_bytes)?;
        let bytes = self.take(usize::from(length))?;
        let text = std::str::from_utf8(bytes).map_err(|_| Doubt::Malformed(what))?;
        text.parse().map_err(|_| Doubt::Malformed(what))
    }

    /// A list of texts.
    pub(super) fn texts<T: std::str::FromStr>(&mut self, what: &'static str) -> Result<Vec<T>, Doubt> {
        let length = self.length(2)?;
        (0..length).map(|_| self.text(what)).collect()
    }

    /// Whether all bytes are those that were written: there are no others, and the tag fits.
    pub(super) fn finish(mut self) -> Result<(), Doubt> {
        if self.left != 0 {
            return Err(Doubt::Malformed("end"));
        }
        // The tag is what is left of the file.
        self.left = TAG_BYTES as u64;
        let written: [u8; TAG_BYTES] = self.array()?;
        let passed = self.buffer.get(..self.taken - written.len()).ok_or(Doubt::CutShort)?;
        self.tag.update(passed);
        self.tag.verify_slice(&written).map_err(|_| Doubt::Forged)
    }

    /// Reads on until so many bytes are there.
    fn fill(&mut self, count: usize) -> Result<(), Doubt> {
        if self.buffer.len() < count {
            return Err(Doubt::Malformed("length of something"));
        }
        self.tag.update(self.buffer.get(..self.taken).unwrap_or_default());
        self.buffer.copy_within(self.taken..self.filled, 0);
        (self.filled, self.taken) = (self.filled - self.taken, 0);
        while self.filled < count {
            let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => return Err(Doubt::CutShort),
                Ok(read) => self.filled += read,
                Err(err) if err.kind() == std::io::ErrorKind::Interrupted => {}
                Err(err) => return Err(Doubt::Unreadable(err)),
            }
        }
        Ok(())
    }
}
