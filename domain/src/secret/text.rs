use super::{Digest, ID_WIDTH, Pepper, SecretId};
use crate::base62;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

/// Characters of the random part.
const SECRET_WIDTH: usize = 33;
/// Characters of the checksum.
const CHECKSUM_WIDTH: usize = 6;
/// Characters after the last underscore.
const BODY_WIDTH: usize = ID_WIDTH + SECRET_WIDTH + CHECKSUM_WIDTH;
/// Characters of a whole text, at most.
const MAX_WIDTH: usize = 64;

/// What kind of holder a secret belongs to, as its text says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A member's token.
    Pat,
    /// A service account's token.
    Svc,
    /// An agent's token.
    Agt,
    /// A platform operator's token.
    Ops,
    /// A console session.
    Ses,
}

impl Kind {
    /// The three letters in the text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pat => "pat",
            Self::Svc => "svc",
            Self::Agt => "agt",
            Self::Ops => "ops",
            Self::Ses => "ses",
        }
    }

    fn parse(text: &[u8]) -> Option<Self> {
        match text {
            b"pat" => Some(Self::Pat),
            b"svc" => Some(Self::Svc),
            b"agt" => Some(Self::Agt),
            b"ops" => Some(Self::Ops),
            b"ses" => Some(Self::Ses),
            _ => None,
        }
    }
}

/// The first word of every secret of a deployment: 1 to 6 lower-case letters or digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brand(String);

/// Why a text is no brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a brand is 1 to 6 lower-case letters or digits")]
pub struct BrandError;

impl Default for Brand {
    fn default() -> Self {
        Self("c9d".to_owned())
    }
}

impl Brand {
    /// What is shown of a secret ever after: `c9d_pat_<id>…`.
    pub fn display(&self, kind: Kind, id: SecretId) -> String {
        format!("{}_{}_{id}…", self.0, kind.as_str())
    }
}

impl FromStr for Brand {
    type Err = BrandError;

    fn from_str(text: &str) -> Result<Self, BrandError> {
        let plain = text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        if plain && (1..=6).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(BrandError) }
    }
}

/// A text that is no secret of ours: wrong length, characters, brand, kind or checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the text of a secret, or a character of it is mistyped")]
pub struct Malformed;

/// A secret's text, from its making until it is shown. It cannot be printed, serialised or cloned.
pub struct SecretText {
    text: Zeroizing<String>,
    kind: Kind,
    id: SecretId,
}

impl SecretText {
    /// Puts a text together from its id and 192 random bits.
    pub fn assemble(brand: &Brand, kind: Kind, id: SecretId, random: &[u8; 24]) -> Self {
        let mut body = Zeroizing::new([0; ID_WIDTH + SECRET_WIDTH]);
        let (name, secret) = body.split_at_mut(ID_WIDTH);
        id.write(name);
        base62::encode_bytes(random, secret);
        let mut text = Zeroizing::new(String::with_capacity(MAX_WIDTH));
        text.push_str(&brand.0);
        text.push('_');
        text.push_str(kind.as_str());
        text.push('_');
        text.push_str(std::str::from_utf8(body.as_slice()).unwrap_or_default());
        let sum = checksum(text.as_bytes());
        text.push_str(std::str::from_utf8(&sum).unwrap_or_default());
        Self { text, kind, id }
    }

    /// The kind of its holder.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The id of this secret version.
    pub fn id(&self) -> SecretId {
        self.id
    }

    /// What is kept of it.
    pub fn digest(&self, pepper: &Pepper) -> Digest {
        let body = self.text.len().saturating_sub(CHECKSUM_WIDTH);
        pepper.digest(self.text.as_bytes().get(..body).unwrap_or_default())
    }

    /// Gives the text away, to be shown to the one who asked for it and to nobody again.
    pub fn into_text_shown_once(self) -> Zeroizing<String> {
        self.text
    }

    /// Takes a text back that was shown before and kept in a file, such as the operator's.
    pub fn from_shown(text: Zeroizing<String>, brand: &Brand) -> Result<Self, Malformed> {
        let presented = Presented::parse(&text, brand)?;
        let (kind, id) = (presented.kind, presented.id);
        Ok(Self { text, kind, id })
    }
}

/// A text that somebody presents, taken apart in place: well-formed, not yet proven.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The kind it claims.
    pub kind: Kind,
    /// The secret version it claims to be.
    pub id: SecretId,
    signed: &'a [u8],
}

impl<'a> Presented<'a> {
    /// Takes a text apart and checks its checksum, without look-up and without allocation.
    pub fn parse(text: &'a str, brand: &Brand) -> Result<Self, Malformed> {
        let split =
            text.len().checked_sub(CHECKSUM_WIDTH).filter(|_| text.len() <= MAX_WIDTH).ok_or(Malformed)?;
        let (signed, sum) = text.as_bytes().split_at_checked(split).ok_or(Malformed)?;
        let rest =
            signed.strip_prefix(brand.0.as_bytes()).and_then(|it| it.strip_prefix(b"_")).ok_or(Malformed)?;
        let (kind, body) = rest.split_at_checked(3).ok_or(Malformed)?;
        let body =
            body.strip_prefix(b"_").filter(|it| it.len() == BODY_WIDTH - CHECKSUM_WIDTH).ok_or(Malformed)?;
        let (id, secret) = body.split_at_checked(ID_WIDTH).ok_or(Malformed)?;
        let kind = Kind::parse(kind).ok_or(Malformed)?;
        let id = SecretId::parse(id).ok_or(Malformed)?;
        if base62::is_base62(secret) && checksum(signed) == sum {
            Ok(Self { kind, id, signed })
        } else {
            Err(Malformed)
        }
    }

    /// What would be kept of it, to be compared with what is.
    pub fn digest(&self, pepper: &Pepper) -> Digest {
        pepper.digest(self.signed)
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presented({} {}…)", self.kind.as_str(), self.id)
    }
}

fn checksum(text: &[u8]) -> [u8; CHECKSUM_WIDTH] {
    let mut out = [0; CHECKSUM_WIDTH];
    base62::encode(u128::from(crc32fast::hash(text)), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secret(random: [u8; 24], id: [u8; 10]) -> String {
        let text = SecretText::assemble(&Brand::default(), Kind::Pat, SecretId::from_random(id), &random);
        text.into_text_shown_once().to_string()
    }

    proptest! {
        #[test]
        fn a_text_is_taken_apart_as_it_was_put_together(random: [u8; 24], id: [u8; 10]) {
            let text = secret(random, id);
            let presented = Presented::parse(&text, &Brand::default()).unwrap();
            prop_assert_eq!((presented.kind, presented.id), (Kind::Pat, SecretId::from_random(id)));
            prop_assert_eq!(text.len(), 61);
        }

        #[test]
        fn any_changed_character_is_refused(random: [u8; 24], id: [u8; 10], at in 0_usize..61, to in "[0-9A-Za-z_]") {
            let mut text = secret(random, id);
            prop_assume!(text[at..=at] != to);
            text.replace_range(at..=at, &to);
            prop_assert!(Presented::parse(&text, &Brand::default()).is_err());
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,80}") {
            let _ = Presented::parse(&text, &Brand::default());
        }
    }

    /// Secrets are in people's hands: what was issued once must be read for ever.
    #[test]
    fn a_text_looks_like_this() {
        let text = secret([7; 24], [9; 10]);
        assert_eq!(text, "c9d_pat_0DDxbXkYnw0WhV04hRzgefUy8S7YcHUrJGoeiJTKldGueU32OXj3z");
        let pepper = Pepper::new("k1".parse().unwrap(), &[1; 32]);
        let presented = Presented::parse(&text, &Brand::default()).unwrap();
        assert_eq!(
            presented.digest(&pepper).to_string(),
            "5ffc71c7e852c151d0fc54c5700db3c77221ee62d76370b6a03b653a1ba9256f"
        );
    }

    #[test]
    fn another_brand_is_refused() {
        let brand: Brand = "acme".parse().unwrap();
        assert!(Presented::parse(&secret([1; 24], [1; 10]), &brand).is_err());
        assert_eq!(brand.display(Kind::Svc, SecretId::from_random([0; 10])), "acme_svc_00000000000000…");
        assert!("sevenll".parse::<Brand>().is_err());
    }
}
