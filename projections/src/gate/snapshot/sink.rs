//! Bytes on their way into a snapshot, tagged as they pass.

use std::io::{self, Write};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::SnapshotKey;

/// What is handed on at once.
const BUFFER: usize = 256 * 1024;

/// Where a snapshot is written to.
pub(super) struct Sink<W> {
    out: W,
    tag: Hmac<Sha256>,
    buffer: Vec<u8>,
    passed: u64,
}

impl<W: Write> Sink<W> {
    pub(super) fn new(out: W, key: &SnapshotKey) -> Self {
        Self { out, tag: key.tag(), buffer: Vec::with_capacity(2 * BUFFER), passed: 0 }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < BUFFER { Ok(()) } else { self.hand_on() }
    }

    pub(super) fn number(&mut self, number: u32) -> io::Result<()> {
        self.put(&number.to_be_bytes())
    }

    /// The length of a list or of bytes.
    pub(super) fn length(&mut self, length: usize) -> io::Result<()> {
        let length = u32::try_from(length).map_err(|_| io::Error::other("there is too much of a kind"))?;
        self.number(length)
    }

    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        let length = u16::try_from(text.len()).map_err(|_| io::Error::other("a text is too long"))?;
        self.put(&length.to_be_bytes())?;
        self.put(text.as_bytes())
    }

    /// A list of texts.
    pub(super) fn texts<T: ToString>(&mut self, texts: &[T]) -> io::Result<()> {
        self.length(texts.len())?;
        texts.iter().try_for_each(|it| self.text(&it.to_string()))
    }

    /// Writes the tag of all that has passed; says how many bytes there are with it.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.hand_on()?;
        let tag = self.tag.finalize().into_bytes();
        self.out.write_all(&tag)?;
        self.out.flush()?;
        Ok(self.passed + tag.len() as u64)
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.tag.update(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.passed += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
