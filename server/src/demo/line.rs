//! One line of an access log in Apache's combined format:
//! `client identity user [time] "METHOD target PROTOCOL" status bytes "referrer" "user agent"`.

use std::net::IpAddr;

use serde::Serialize;

use super::escape::{quoted, unescape};

/// Longest method that can be asked about, in bytes.
const LONGEST_METHOD: usize = 20;

/// One request, as the log remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub(super) number: usize,
    /// The client's address.
    pub(super) client: IpAddr,
    /// The method, upper case.
    pub(super) method: String,
    /// The path as it was sent, without query.
    pub(super) path: String,
    /// The user agent, where one was sent.
    pub(super) user_agent: Option<String>,
    /// Whether the line ends within its last field, which is then taken as far as it goes.
    pub(super) cut_short: bool,
}

/// Why a line cannot be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unreadable {
    /// It does not begin with an IPv4 or IPv6 address.
    #[error("it does not begin with an address")]
    Client,
    /// No `[time] "` follows the client.
    #[error("no [time] and no quoted request follow the client")]
    Time,
    /// The request is no `METHOD target`.
    #[error("its request is no method and path")]
    Request,
    /// No status and no length follow the request.
    #[error("no status and no length follow the request")]
    Status,
}

impl Line {
    /// Reads a line without its line end. Referrer and user agent may be missing (the common format), and further
    /// fields may follow.
    pub(super) fn parse(number: usize, text: &[u8]) -> Result<Self, Unreadable> {
        let (client, rest) = split(text, b" ").ok_or(Unreadable::Client)?;
        let client = address(client).ok_or(Unreadable::Client)?;
        // A user's name may hold blanks and brackets, the time holds neither.
        let (head, rest) = split(rest, b"] \"").ok_or(Unreadable::Time)?;
        if !head.contains(&b'[') {
            return Err(Unreadable::Time);
        }
        let request = quoted(rest);
        let (method, path) = request_line(request.raw).ok_or(Unreadable::Request)?;
        let tail = tail(request.rest).ok_or(Unreadable::Status)?;
        let Tail { user_agent, cut_short } = tail;
        Ok(Self { number, client, method, path, user_agent, cut_short })
    }
}

fn address(text: &[u8]) -> Option<IpAddr> {
    let address: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.to_canonical())
}

/// Method and path. A target may hold blanks where a client sent them; a request of HTTP/0.9 has no protocol.
fn request_line(raw: &[u8]) -> Option<(String, String)> {
    let text = unescape(raw);
    let (method, rest) = text.split_once(' ')?;
    let target = match rest.rsplit_once(' ') {
        Some((target, protocol)) if protocol.starts_with("HTTP/") => target,
        _ => rest,
    };
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let plain = method.bytes().all(|it| it.is_ascii_uppercase() || it == b'-');
    let askable = plain && (1..=LONGEST_METHOD).contains(&method.len()) && !target.is_empty();
    askable.then(|| (method.to_owned(), path.to_owned()))
}

struct Tail {
    user_agent: Option<String>,
    cut_short: bool,
}

/// What follows the request: ` status bytes "referrer" "user agent"`.
fn tail(text: &[u8]) -> Option<Tail> {
    let (status, rest) = split(text.strip_prefix(b" ")?, b" ")?;
    let (bytes, rest) = split(rest, b" ").unwrap_or((rest, &[]));
    if status.len() != 3 || !is_number(status) || !(bytes == b"-" || is_number(bytes)) {
        return None;
    }
    let Some(rest) = rest.strip_prefix(b"\"") else {
        return Some(Tail { user_agent: None, cut_short: false });
    };
    let referrer = quoted(rest);
    let Some(rest) = referrer.rest.strip_prefix(b" \"") else {
        return Some(Tail { user_agent: None, cut_short: !referrer.closed });
    };
    let agent = quoted(rest);
    let user_agent = (!agent.raw.is_empty() && agent.raw != b"-").then(|| unescape(agent.raw));
    Some(Tail { user_agent, cut_short: !agent.closed })
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// What stands before and behind the first `mark`.
fn split<'t>(text: &'t [u8], mark: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let at = text.windows(mark.len()).position(|it| it == mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "192.0.2.7 - - [17/May/2015:10:05:03 +0000]";

    fn read(text: impl AsRef<[u8]>) -> Result<Line, Unreadable> {
        Line::parse(1, text.as_ref())
    }

    fn with_request(request: &str) -> Result<Line, Unreadable> {
        read(format!(r#"{HEAD} "{request}" 200 17 "-" "curl/8""#))
    }

    fn with_agent(agent: &str) -> Line {
        read(format!(r#"{HEAD} "GET / HTTP/1.1" 200 17 "http://example.org/" "{agent}""#)).unwrap()
    }

    #[test]
    fn a_line_says_who_asked_for_what() {
        let line = with_request("GET /a/b?c=d HTTP/1.1").unwrap();
        assert_eq!((line.method.as_str(), line.path.as_str()), ("GET", "/a/b"));
        assert_eq!(line.client, "192.0.2.7".parse::<IpAddr>().unwrap());
        assert_eq!((line.user_agent.as_deref(), line.cut_short), (Some("curl/8"), false));
    }

    #[test]
    fn user_agents_may_hold_quotes_and_any_bytes() {
        assert_eq!(with_agent(r#"a \"quoted\" one"#).user_agent.as_deref(), Some(r#"a "quoted" one"#));
        assert_eq!(with_agent(r"back\\slash").user_agent.as_deref(), Some(r"back\slash"));
        assert_eq!(with_agent(r"\xe4").user_agent.as_deref(), Some("\u{fffd}"));
        assert_eq!(with_agent("-").user_agent, None);
        assert_eq!(with_agent("").user_agent, None);
        let raw = [HEAD.as_bytes(), b" \"GET / HTTP/1.1\" 200 17 \"-\" \"\xff\xfe\""].concat();
        assert_eq!(read(raw).unwrap().user_agent.as_deref(), Some("\u{fffd}\u{fffd}"));
    }

    #[test]
    fn a_line_cut_within_its_last_field_is_taken_and_marked() {
        let line = read(format!(r#"{HEAD} "GET / HTTP/1.1" 200 17 "-" "Mozilla/5.0 (comp"#)).unwrap();
        assert_eq!((line.user_agent.as_deref(), line.cut_short), (Some("Mozilla/5.0 (comp"), true));
        let line = read(format!(r#"{HEAD} "GET / HTTP/1.1" 200 17 "http://exa"#)).unwrap();
        assert_eq!((line.user_agent, line.cut_short), (None, true));
    }

    #[test]
    fn other_writers_of_logs_are_understood() {
        assert!(read(format!(r#"{HEAD} "GET / HTTP/1.1" 304 -"#)).is_ok());
        assert!(read(format!(r#"{HEAD} "GET / HTTP/1.1" 304 - "-" "curl/8" "198.51.100.1" 0.003"#)).is_ok());
        let user =
            r#"2001:db8::7 - ada [the 1st] lovelace [17/May/2015:10:05:03 +0000] "GET / HTTP/2.0" 200 1"#;
        assert_eq!(read(user).unwrap().client, "2001:db8::7".parse::<IpAddr>().unwrap());
        let mapped = HEAD.replace("192.0.2.7", "::ffff:192.0.2.7") + r#" "GET / HTTP/1.1" 200 1"#;
        assert_eq!(read(mapped).unwrap().client, "192.0.2.7".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn odd_targets_are_kept_as_they_were_sent() {
        let path = |request| with_request(request).unwrap().path;
        assert_eq!(path("GET /a b c HTTP/1.1"), "/a b c");
        assert_eq!(path(r#"GET /a\"b\\c HTTP/1.1"#), r#"/a"b\c"#);
        assert_eq!(path("GET /old"), "/old");
        assert_eq!(path("OPTIONS * HTTP/1.0"), "*");
        assert_eq!(path("GET http://example.org/ HTTP/1.1"), "http://example.org/");
        assert_eq!(path("GET ?only=query HTTP/1.1"), "");
    }

    #[test]
    fn what_cannot_be_asked_about_says_why() {
        assert_eq!(read(""), Err(Unreadable::Client));
        assert_eq!(read("client.example.org - - [x] \"GET / HTTP/1.1\" 200 1"), Err(Unreadable::Client));
        assert_eq!(read("192.0.2.7 - - \"GET / HTTP/1.1\" 200 1"), Err(Unreadable::Time));
        for request in ["-", "", r"\x16\x03\x01", "get / HTTP/1.1", " / HTTP/1.1", "ABCDEFGHIJKLMNOPQRSTU /"]
        {
            assert_eq!(with_request(request), Err(Unreadable::Request), "{request}");
        }
        for tail in ["", " ", " 200", " 20x 7", " 200 x", "200 7", " 2000 7"] {
            assert_eq!(read(format!(r#"{HEAD} "GET / HTTP/1.1"{tail}"#)), Err(Unreadable::Status), "{tail}");
        }
        assert_eq!(read(format!(r#"{HEAD} "GET /cut"#)), Err(Unreadable::Status));
    }
}
