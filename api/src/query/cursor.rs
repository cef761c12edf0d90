//! Cursors: where the next page begins, as a text that only the same query accepts.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::base64url;
use crate::problem::{Code, Problem};

/// Longest cursor that is looked at.
const LONGEST: usize = 2 * 1024;

/// What a cursor belongs to: one operation with its filters and its order.
///
/// A cursor is bound, not signed: a client can make one up and begin its page anywhere among
/// what it may see. Nothing that decides about visibility may be taken from a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding(u64);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<K> {
    b: String,
    k: K,
}

impl Binding {
    /// The binding of an operation asked with these parameters, in whatever order they came.
    pub fn new<'a>(operation: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sorted: Vec<_> = parameters.into_iter().collect();
        sorted.sort_unstable();
        let mut hash = Fnv::default();
        hash.add(operation);
        for (name, value) in sorted {
            hash.add(name);
            hash.add(value);
        }
        Self(hash.0)
    }

    /// The cursor that begins after `key`, the sort key of the last row shown.
    pub fn cursor(&self, key: &impl Serialize) -> String {
        let wire = Wire { b: format!("{:016x}", self.0), k: key };
        // Sort keys are numbers and texts, which always serialise.
        base64url::encode(&serde_json::to_vec(&wire).unwrap_or_default())
    }

    /// The key of a cursor that [`Binding::cursor`] made for the same query.
    ///
    /// # Errors
    /// `invalid_cursor` for any other text.
    pub fn open<K: DeserializeOwned>(&self, cursor: &str) -> Result<K, Problem> {
        let refused = || {
            let detail = "start again without a cursor; filters and sort must stay the same";
            Problem::new(Code::InvalidCursor, detail)
        };
        if LONGEST < cursor.len() {
            return Err(refused());
        }
        let bytes = base64url::decode(cursor).ok_or_else(refused)?;
        let wire: Wire<K> = serde_json::from_slice(&bytes).map_err(|_| refused())?;
        if wire.b != format!("{:016x}", self.0) {
            return Err(refused());
        }
        Ok(wire.k)
    }
}

/// FNV-1a in 64 bits over length-prefixed texts: the same in every build, unlike the standard
/// library's hashes, so that cursors live through an update.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, text: &str) {
        let length = text.len().to_be_bytes();
        for byte in length.iter().chain(text.as_bytes()) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIVE: [(&str, &str); 2] = [("status", "active"), ("sort", "-name")];

    #[test]
    fn a_cursor_opens_for_the_query_that_made_it() {
        let binding = Binding::new("listTokens", ACTIVE);
        let cursor = binding.cursor(&("ci", "tok_1"));
        let reordered = Binding::new("listTokens", ACTIVE.into_iter().rev());
        let key: (String, String) = reordered.open(&cursor).unwrap();
        assert_eq!(key, ("ci".to_owned(), "tok_1".to_owned()));
    }

    #[test]
    fn a_cursor_is_refused_by_every_other_query() {
        let cursor = Binding::new("listTokens", ACTIVE).cursor(&7);
        let others = [
            Binding::new("listTokens", [("status", "revoked"), ("sort", "-name")]),
            Binding::new("listTokens", [("status", "active")]),
            Binding::new("listMembers", ACTIVE),
            Binding::new("listTokens", [("statusactive", ""), ("sort", "-name")]),
        ];
        for other in others {
            assert_eq!(other.open::<u64>(&cursor).unwrap_err().code(), Code::InvalidCursor);
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let binding = Binding::new("listTokens", ACTIVE);
        let long = "A".repeat(LONGEST + 1);
        for text in ["", "x", "e30", "!!", long.as_str(), &binding.cursor(&"not a number")] {
            assert_eq!(binding.open::<u64>(text).unwrap_err().code(), Code::InvalidCursor);
        }
    }
}
