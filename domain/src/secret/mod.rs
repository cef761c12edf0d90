//! The text of a secret: `c9d_<kind>_<id><secret><checksum>`, and what is kept of it.
//!
//! | part | characters | what it is |
//! |---|---|---|
//! | brand | 1 to 6 | whose secret a scanner has found; configurable, `c9d` by default |
//! | kind | 3 | what holds it: [`Kind`] |
//! | id | 14 | selects one secret version: public, random, found by exactly one look-up |
//! | secret | 33 | 192 random bits |
//! | checksum | 6 | CRC-32 of all before it: finds typing errors, stops no attacker |
//!
//! Only letters, digits and underscores, at most 64 characters, so that a double click selects all of it. Kept is
//! never the text but [`Digest`], an HMAC of it.

mod digest;
mod text;

pub use digest::{Digest, KeyId, Pepper};
pub use text::{Brand, BrandError, Kind, Malformed, Presented, SecretText};

use crate::base62;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Characters of a secret version's id.
pub(crate) const ID_WIDTH: usize = 14;

/// Names one secret version, as its text does: 14 base62 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId(u128);

impl SecretId {
    /// From 80 random bits.
    pub const fn from_random(random: [u8; 10]) -> Self {
        let mut bits = 0_u128;
        let mut rest: &[u8] = &random;
        while let [byte, tail @ ..] = rest {
            bits = (bits << 8) | *byte as u128;
            rest = tail;
        }
        Self(bits)
    }

    /// From the number that the 14 characters spell; nothing where they spell no such number.
    pub const fn from_bits(bits: u128) -> Option<Self> {
        const END: u128 = 62_u128.pow(14);
        if bits < END { Some(Self(bits)) } else { None }
    }

    /// The number that the 14 characters spell: below 2⁸⁴.
    pub const fn bits(self) -> u128 {
        self.0
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() == ID_WIDTH { base62::decode(text).map(Self) } else { None }
    }

    pub(crate) fn write(self, out: &mut [u8]) {
        base62::encode(self.0, out);
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; ID_WIDTH];
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SecretId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::parse(text.as_bytes()).ok_or(Malformed)
    }
}

impl Serialize for SecretId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
