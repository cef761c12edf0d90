//! Headers of requests that several operations read.

use axum::http::{HeaderMap, HeaderName, header};

use crate::problem::{Code, Problem};

/// Makes a repeated POST one command.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// A position of the log: sent to wait for it, answered to read one's own writes.
pub const POSITION: HeaderName = HeaderName::from_static("counterfoil-position");
/// The organization to act in, for callers that span several.
pub const ORGANIZATION: HeaderName = HeaderName::from_static("counterfoil-organization");

/// When the credential presented ends, if that is soon.
pub const TOKEN_EXPIRES: HeaderName = HeaderName::from_static("counterfoil-token-expires");

/// Longest `Idempotency-Key`, in bytes.
const LONGEST_KEY: usize = 255;

/// The request's `Idempotency-Key`: 1 to 255 visible ASCII characters.
///
/// # Errors
/// `invalid_header` for any other key, and for two.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(key) = single(headers, &IDEMPOTENCY_KEY)? else { return Ok(None) };
    if key.is_empty() || LONGEST_KEY < key.len() || !key.bytes().all(|it| it.is_ascii_graphic()) {
        return Err(invalid("Idempotency-Key: use 1 to 255 visible ASCII characters, such as a UUID"));
    }
    Ok(Some(key))
}

/// What a change expects to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there, but something (`*`).
    Any,
    /// Exactly this version, as its `ETag` said.
    Version(u64),
}

impl Expected {
    /// The version, where one is named.
    pub fn version(self) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::Version(version) => Some(version),
        }
    }
}

/// The request's `If-Match` (RFC 9110 §13.1.1): one entity tag of ours, or `*`.
///
/// # Errors
/// `invalid_header` for anything else.
pub fn if_match(headers: &HeaderMap) -> Result<Option<Expected>, Problem> {
    let Some(text) = single(headers, &header::IF_MATCH)? else { return Ok(None) };
    if text == "*" {
        return Ok(Some(Expected::Any));
    }
    let tag = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    match tag.and_then(digits) {
        Some(version) => Ok(Some(Expected::Version(version))),
        None => Err(invalid("If-Match: send the `ETag` as it was answered, such as \"7\"")),
    }
}

fn digits(text: &str) -> Option<u64> {
    // `parse` alone would take a sign.
    text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The only value of a header, in visible text.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid(format!("{name}: send it once")));
    }
    match value.to_str() {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(invalid(format!("{name}: use visible ASCII characters"))),
    }
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidHeader, detail)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let value = |it: &&str| (name.clone(), HeaderValue::from_bytes(it.as_bytes()).unwrap());
        values.iter().map(value).collect()
    }

    #[test]
    fn a_key_is_visible_text_once() {
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
        let headers = with(&IDEMPOTENCY_KEY, &["a-1"]);
        assert_eq!(idempotency_key(&headers).unwrap(), Some("a-1"));
        let long = "k".repeat(256);
        for bad in [&["a", "b"][..], &[""], &["a b"], &["é"], &[&long]] {
            let problem = idempotency_key(&with(&IDEMPOTENCY_KEY, bad)).unwrap_err();
            assert_eq!(problem.code(), Code::InvalidHeader);
        }
    }

    #[test]
    fn an_entity_tag_is_a_quoted_version() {
        let read = |text| if_match(&with(&header::IF_MATCH, &[text]));
        assert_eq!(read("\"7\"").unwrap(), Some(Expected::Version(7)));
        assert_eq!(read("*").unwrap(), Some(Expected::Any));
        for bad in ["7", "W/\"7\"", "\"+7\"", "\"\"", "\"7\", \"8\"", "\"99999999999999999999\""] {
            assert_eq!(read(bad).unwrap_err().code(), Code::InvalidHeader, "{bad}");
        }
    }
}
