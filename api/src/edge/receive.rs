//! Bodies received with a limit of size and of time.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body as _;

use crate::problem::{Code, Problem};

/// Receives a whole body of at most `limit` bytes within `time`.
///
/// A body that announces more is refused before any of it is read; one that sends more is
/// refused at the first byte too many. A body that arrives in one piece is not copied.
///
/// # Errors
/// `body_too_large`, `request_timeout`, and `malformed_json` where the client breaks off.
pub async fn receive_body(body: Body, limit: usize, time: Duration) -> Result<Bytes, Problem> {
    if usize::try_from(body.size_hint().lower()).map_or(true, |announced| limit < announced) {
        return Err(body_too_large(limit));
    }
    let whole = Limited::new(body, limit).collect();
    match tokio::time::timeout(time, whole).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(body_too_large(limit)),
        Ok(Err(_)) => Err(Problem::new(Code::MalformedJson, "the body broke off; send it whole")),
        Err(_) => Err(too_slow(time)),
    }
}

/// A body above the limit, in bytes.
pub fn body_too_large(limit: usize) -> Problem {
    let detail = format!("send at most {} KiB", limit / 1024);
    Problem::new(Code::BodyTooLarge, detail).with("limit", limit)
}

fn too_slow(time: Duration) -> Problem {
    let detail = format!("send the whole body within {} s", time.as_secs_f32());
    Problem::new(Code::RequestTimeout, detail)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;

    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    fn pieces(count: usize) -> Body {
        let piece = || Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 100]));
        Body::from_stream(stream::iter((0..count).map(move |_| piece())))
    }

    #[tokio::test]
    async fn a_body_within_the_limit_is_received_whole() {
        let received = receive_body(pieces(3), 300, SOON).await.unwrap();
        assert_eq!(received.len(), 300);
    }

    #[tokio::test]
    async fn one_byte_too_many_is_refused_announced_or_not() {
        let announced = receive_body(Body::from(vec![0; 301]), 300, SOON).await.unwrap_err();
        assert_eq!(announced.code(), Code::BodyTooLarge);
        let streamed = receive_body(pieces(4), 300, SOON).await.unwrap_err();
        assert_eq!(streamed.code(), Code::BodyTooLarge);
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_is_given_up() {
        let never = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let problem = receive_body(never, 300, SOON).await.unwrap_err();
        assert_eq!(problem.code(), Code::RequestTimeout);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_body() {
        let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]);
        let problem = receive_body(Body::from_stream(broken), 300, SOON).await.unwrap_err();
        assert_eq!(problem.code(), Code::MalformedJson);
    }
}
