//! Short names in addresses: of organisations, roles and plans. A slug never changes.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// 1 to 40 of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Why a text is no slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a slug is 1 to 40 of a-z, 0-9 and -, beginning and ending with a letter or digit")]
pub struct SlugError;

impl Slug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
        let bytes = text.as_bytes();
        let edges = bytes.first().copied().is_some_and(plain) && bytes.last().copied().is_some_and(plain);
        let inside = bytes.iter().all(|it| plain(*it) || *it == b'-');
        if edges && inside && bytes.len() <= 40 { Ok(Self(text.to_owned())) } else { Err(SlugError) }
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain() {
        assert!("acme-2".parse::<Slug>().is_ok());
        for bad in ["", "-a", "a-", "Acme", "a b", "ä", &"a".repeat(41)] {
            assert_eq!(bad.parse::<Slug>(), Err(SlugError), "{bad}");
        }
    }
}
