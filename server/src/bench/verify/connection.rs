//! HTTP/1.1 as little as the load needs: a request that is ready, and an answer with a length.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Bytes of an answer with its head, at most.
const MOST: usize = 64 * 1024;

/// A connection that is kept.
pub(in crate::bench) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, where it lies in the connection's buffer.
pub(in crate::bench) struct Answer<'c> {
    pub(in crate::bench) status: u16,
    pub(super) head: &'c str,
    pub(super) body: &'c [u8],
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody answers there.
    pub(in crate::bench) async fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("nobody is at {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4 * 1024) })
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// When the connection breaks, or what comes is no answer.
    pub(in crate::bench) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head, whole) = loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(0 < read && self.buffer.len() <= MOST, "the connection broke off");
            match extent(&self.buffer)? {
                Some((head, whole)) if whole <= self.buffer.len() => break (head, whole),
                Some(_) | None => {}
            }
        };
        ensure!(whole == self.buffer.len(), "more came than an answer");
        let (head, body) = self.buffer.split_at(head);
        let head = str::from_utf8(head)?;
        Ok(Answer { status: status(head)?, head, body })
    }
}

impl Answer<'_> {
    /// The headers, as they came.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().skip(1).filter_map(|it| it.split_once(": "))
    }
}

/// Where the head ends, and where the body does, if the whole head is there.
fn extent(buffer: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    const END: &[u8] = b"\r\n\r\n";
    const LENGTH: &[u8] = b"content-length: ";
    let Some(head) = buffer.windows(END.len()).position(|it| it == END) else { return Ok(None) };
    let lines = buffer.get(..head).unwrap_or_default();
    let at = lines.windows(LENGTH.len()).position(|it| it.eq_ignore_ascii_case(LENGTH));
    let digits = at.and_then(|it| lines.get(it + LENGTH.len()..)).context("an answer has no length")?;
    let length = digits.iter().take_while(|it| it.is_ascii_digit());
    let length = length.fold(0_usize, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    let head = head + END.len();
    Ok(Some((head, head + length)))
}

/// The three digits after `HTTP/1.1 `.
fn status(head: &str) -> anyhow::Result<u16> {
    let digits = head.strip_prefix("HTTP/1.1 ").and_then(|it| it.get(..3));
    digits.and_then(|it| it.parse().ok()).context("this is no answer of HTTP/1.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\ndate: now\r\n\r\n{\"a\":true}\r\n";
        assert_eq!(extent(answer).unwrap(), Some((answer.len() - 12, answer.len())));
        assert_eq!(extent(b"HTTP/1.1 200 OK\r\ncontent-length: 1").unwrap(), None);
        assert!(extent(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert_eq!(status("HTTP/1.1 204 No Content").unwrap(), 204);
        assert!(status("HTTP/2").is_err());
    }
}
