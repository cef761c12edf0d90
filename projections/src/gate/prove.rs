//! Which token a text is the secret of.

use domain::{
    secret::{Digest, Presented, SecretId},
    time::Timestamp,
};
use schemas::usage::Outcome;
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

/// Why a text proves nothing. It is recorded and never told: whoever guesses learns nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unproven {
    /// It is no token's text at all.
    Malformed,
    /// Nobody has its id.
    Unknown,
    /// Its id is known and its secret is wrong.
    Wrong,
}

impl Unproven {
    /// The code that it is recorded under.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Malformed => Outcome::MALFORMED,
            Self::Unknown => Outcome::UNKNOWN,
            Self::Wrong => Outcome::WRONG,
        }
    }
}

impl Gate {
    /// The token whose secret a text is. Whatever text has the shape of one costs the same: an HMAC, and a
    /// comparison in constant time.
    pub(super) fn prove<'t>(&self, tables: &'t Tables, text: &str) -> Result<Proven<'t>, Unproven> {
        let presented = Presented::parse(text, &self.brand).map_err(|_| Unproven::Malformed)?;
        let known = Known::find(tables, presented.id);
        // A pepper that is not there would have damaged the gate when its token came.
        let digest = self.peppers.digest(known.pepper, &presented).ok_or(Unproven::Unknown)?;
        let same: bool = digest_words(&digest).as_slice().ct_eq(known.digest.as_slice()).into();
        let token = known.token.ok_or(Unproven::Unknown)?;
        if same {
            Ok(Proven { token, secret: presented.id, valid_until: known.valid_until })
        } else {
            Err(Unproven::Wrong)
        }
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
