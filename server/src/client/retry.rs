//! When a request is sent again, and after how long.

use std::time::Duration;

use hyper::{HeaderMap, StatusCode, header::RETRY_AFTER};

/// Times that one request is sent, at most.
pub(super) const ATTEMPTS: u32 = 6;
/// The first pause after a broken connection; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The pause where the server asks for one without saying how long.
const PLAIN_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long to wait after a connection broke for the `attempt`th time, from 0.
pub(super) fn after_break(attempt: u32) -> Duration {
    FIRST_PAUSE * 2_u32.saturating_pow(attempt.min(ATTEMPTS))
}

/// How long the server wants to be left alone (RFC 9110 §10.2.3), if its answer is one that asks for a repetition.
pub(super) fn wanted(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if status != StatusCode::SERVICE_UNAVAILABLE && status != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let seconds = headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok());
    Some(seconds.map_or(PLAIN_PAUSE, Duration::from_secs).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_that_ask_for_it_are_waited_for() {
        let headers = |text: &'static str| HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        let busy = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(wanted(busy, &headers("2")), Some(Duration::from_secs(2)));
        assert_eq!(wanted(busy, &headers("86400")), Some(LONGEST_PAUSE));
        assert_eq!(wanted(busy, &headers("soon")), Some(PLAIN_PAUSE));
        assert_eq!(wanted(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new()), Some(PLAIN_PAUSE));
        assert_eq!(wanted(StatusCode::INTERNAL_SERVER_ERROR, &headers("2")), None);
    }

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!(after_break(0), FIRST_PAUSE);
        assert_eq!(after_break(3), FIRST_PAUSE * 8);
        assert_eq!(after_break(u32::MAX), after_break(ATTEMPTS));
    }
}
