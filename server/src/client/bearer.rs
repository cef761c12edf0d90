//! Secrets as this client holds them: to be sent, never to be printed.

use hyper::header::HeaderValue;
use serde::Deserialize;
use zeroize::Zeroizing;

/// The text of a token.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Bearer(Zeroizing<String>);

/// Why a text cannot be presented as a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is one word of letters, digits and underscores")]
pub(crate) struct NoToken;

impl Bearer {
    /// A token from its text.
    pub(crate) fn parse(text: &str) -> Result<Self, NoToken> {
        Self::try_from(text.to_owned())
    }

    /// The text, for the body of a question.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The value of an `Authorization` header (RFC 6750 §2.1), kept out of logs.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.text()));
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl TryFrom<String> for Bearer {
    type Error = NoToken;

    fn try_from(text: String) -> Result<Self, NoToken> {
        let text = Zeroizing::new(text);
        let plain = text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        if plain && !text.is_empty() { Ok(Self(text)) } else { Err(NoToken) }
    }
}
