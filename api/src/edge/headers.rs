//! Headers that every answer carries.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

/// What a page of ours may load: its own script and stylesheet, and nothing foreign.
pub const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const ON_EVERY_ANSWER: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Sets the headers of every answer; all are static, so this costs three inserts.
pub fn secure(headers: &mut HeaderMap) {
    for (name, value) in ON_EVERY_ANSWER {
        headers.insert(name, value);
    }
}

/// An HTML page.
pub fn html(text: impl Into<Body>) -> Response {
    let mut response = typed(HeaderValue::from_static("text/html; charset=utf-8"), text);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    response
}

/// A JSON text that is ready.
pub fn json(text: impl Into<Body>) -> Response {
    typed(HeaderValue::from_static("application/json"), text)
}

/// An answer of this media type.
pub fn typed(media_type: HeaderValue, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}
