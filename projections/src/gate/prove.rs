//! Which token a text is the secret of.

use domain::{
    secret::{Digest, Presented, SecretId},
    time::Timestamp,
};
use subtle::ConstantTimeEq;

use super::{
    Gate,
    peppers::PepperPlace,
    tables::{Tables, Token},
};

/// A token whose secret was presented.
pub(super) struct Proven<'t> {
    pub(super) token: &'t Token,
    /// The secret version.
    pub(super) secret: SecretId,
    /// The instant from which that version is refused, where another has replaced it.
    pub(super) valid_until: Option<Timestamp>,
}

impl Gate {
    /// The token whose secret a text is. Whatever text has the shape of one costs the same: an HMAC, and a
    /// comparison in constant time.
    pub(super) fn prove<'t>(&self, tables: &'t Tables, text: &str) -> Option<Proven<'t>> {
        let presented = Presented::parse(text, &self.brand).ok()?;
        let known = Known::find(tables, presented.id);
        let digest = digest_words(&self.peppers.digest(known.pepper, &presented)?);
        let same: bool = digest.as_slice().ct_eq(known.digest.as_slice()).into();
        let token = known.token.filter(|_| same)?;
        Some(Proven { token, secret: presented.id, valid_until: known.valid_until })
    }
}

/// What the gate knows of a secret version; of one that does not exist, just as much to compare.
struct Known<'t> {
    digest: &'t [u64; 4],
    pepper: PepperPlace,
    token: Option<&'t Token>,
    valid_until: Option<Timestamp>,
}

impl<'t> Known<'t> {
    fn find(tables: &'t Tables, id: SecretId) -> Self {
        if let Some(token) = tables.current(id).and_then(|it| tables.tokens.get(it)) {
            return Self {
                digest: &token.digest,
                pepper: token.pepper,
                token: Some(token),
                valid_until: None,
            };
        }
        match tables.replaced.find(id).and_then(|it| tables.replaced.get(it)) {
            Some(old) => Self {
                digest: &old.digest,
                pepper: old.pepper,
                token: tables.tokens.get(old.token),
                valid_until: Some(old.valid_until),
            },
            None => Self { digest: &[0; 4], pepper: 0, token: None, valid_until: None },
        }
    }
}

/// A digest in words of eight bytes, in whatever order this machine reads them.
pub(super) fn digest_words(digest: &Digest) -> [u64; 4] {
    let mut words = [0; 4];
    let (bytes, _) = digest.bytes().as_chunks::<8>();
    for (word, bytes) in words.iter_mut().zip(bytes) {
        *word = u64::from_ne_bytes(*bytes);
    }
    words
}
