//! Which media types and encodings a JSON body may have.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::problem::{Code, Problem};

/// Lets `application/json` in UTF-8 pass, not compressed.
///
/// # Errors
/// `unsupported_media_type` for another type, a charset other than UTF-8, or any encoding.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|it| it != "identity") {
        return Err(refused("send the body without `Content-Encoding`"));
    }
    match headers.get(header::CONTENT_TYPE) {
        Some(value) if is_json(value) => Ok(()),
        Some(_) => Err(refused("send `Content-Type: application/json`")),
        None => Err(refused("say what the body is: `Content-Type: application/json`")),
    }
}

fn refused(detail: &str) -> Problem {
    let accept = HeaderValue::from_static("application/json");
    Problem::new(Code::UnsupportedMediaType, detail).header(header::ACCEPT, accept)
}

fn is_json(value: &HeaderValue) -> bool {
    if value == "application/json" {
        return true;
    }
    let Ok(text) = value.to_str() else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let is_type = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    is_type && parts.all(is_harmless_parameter)
}

/// JSON is UTF-8 (RFC 8259 §8.1); other parameters have no meaning for it.
fn is_harmless_parameter(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return parameter.is_empty();
    };
    let value = value.trim_matches('"');
    !name.eq_ignore_ascii_case("charset") || value.eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(value: &str) -> bool {
        is_json(&HeaderValue::try_from(value).unwrap())
    }

    #[test]
    fn json_passes_however_it_is_written() {
        for value in
            ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""]
        {
            assert!(passes(value), "{value}");
        }
    }

    #[test]
    fn other_types_and_charsets_do_not_pass() {
        for value in
            ["text/plain", "application/json; charset=latin1", "application/jsonx", "application/xml", ""]
        {
            assert!(!passes(value), "{value}");
        }
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert!(require_json(&headers).is_ok());
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(require_json(&headers).unwrap_err().code(), Code::UnsupportedMediaType);
    }
}
