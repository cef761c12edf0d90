//! The gate's snapshot: all that the gate knew at one position, in a file, so that a start need not read the whole
//! ledger.
//!
//! It is a cache, never a source. It is used only where it fits the ledger, the keys and this program in all that
//! can be known; any [`Doubt`] means that the ledger is read from its beginning.
//!
//! # Format 1
//! Numbers are big-endian. A *text* is its length in bytes (u16) and UTF-8. A *list* is its length (u32) and the
//! things in it. A *place* (u32) counts the things of a kind from 1 in the order of the file; where a place may be
//! missing, 0 stands for that. An instant is microseconds since 1970 (i64), and none is 2⁶³−1.
//!
//! | what | bytes |
//! |---|---|
//! | tag and format | `CFGS` ‖ 1 (u16) |
//! | version of the program that wrote it | text |
//! | incarnation of the ledger | u32 |
//! | position, leaf of the record there, log time | u64 ‖ 32 ‖ instant |
//! | peppers | list of: id (text) |
//! | permissions, as far as they are not built in | list of: name (text), description (text), risk (u8, 0 to 3), list of endpoints (text), list of implied names (text), list of roles (text), built in (u8), retired (u8) |
//! | roles | list of: slug (text) |
//! | lists of scopes | list of: list of scopes (text), list of roles it was granted within (place) |
//! | organisations | list of: id (16), plan (u8, 0 to 2), list of owners (16) |
//! | holders | list of: kind (u8: 0 member, 1 service account, 2 operator), id (16), organisation (place or 0), role (place, or 0: not active) |
//! | tokens | list of 98 bytes: secret id (11), digest (32), id (16), expires, ended, starts (instants), organisation (place or 0), holder (place), scopes (place), kind (u8, 0 to 4: pat, svc, agt, ops, ses), state (u8: 0 live, 1 revoked, 2 expired), pepper (u8, its rank in the list above from 0) |
//! | replaced secrets | list of 56 bytes: id (11), digest (32), valid until (instant), token (place), pepper (u8) |
//! | organisations without owner | list of: id (16), owner (16) |
//! | erased subjects, in the order of the facts | list of: subject (text) |
//! | callers' texts | boxes: length (u32), organisation (place, or 0: the platform), that many bytes; a length of 0 ends them |
//! | tag of all before | HMAC-SHA-256 (32), and nothing behind it |
//!
//! Callers' texts never lie in clear: a box is sealed under the data key of the organisation
//! ([`seal_cached`](schemas::sealing::seal_cached)), so that deleting that one key erases them here too, without the
//! file being touched. Its content is a sequence of: token (place), name (text), external id (u8, 0 or 1, then the
//! text if 1), and metadata (u16 pairs of texts). A token that is in no box that opens has no texts: they were erased.

mod catalogue;
mod doubt;
mod key;
mod read;
mod read_rows;
mod sink;
mod source;
mod texts;
mod write;

pub use doubt::Doubt;
pub use key::SnapshotKey;
pub use read::{Loaded, Snapshot};
pub use write::{Frozen, Seal, WriteError, Written};

use super::Gate;

/// What a snapshot begins with; counted up when anything of the format changes.
const TAG: [u8; 6] = *b"CFGS\x00\x01";

/// Another version of the program may make other tables of the same facts, so it reads the ledger once.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Bytes of a token.
const TOKEN_BYTES: usize = 98;
/// Bytes of a replaced secret.
const REPLACED_BYTES: usize = 56;
/// Texts of one organisation that lie in one box, in bytes, before the last of them is added.
const BOX_BYTES: usize = 64 * 1024;

impl Gate {
    /// All that the gate knows now, to be written down while it goes on. The lock is held for as long as it takes to
    /// count up some numbers, about one for a thousand tokens; what changes afterwards is copied as it changes.
    ///
    /// Nothing where the gate is damaged.
    pub fn freeze(&self) -> Option<Frozen> {
        let tables = self.tables.read();
        tables.sound().ok()?;
        Some(Frozen::of(tables.freeze(), self.peppers()))
    }

    /// Knows from now on what a snapshot said, and nothing else. Facts are applied from its position on.
    pub fn adopt(&self, loaded: Loaded) {
        let before = std::mem::replace(&mut *self.tables.write(), loaded.into_tables());
        drop(before);
    }

    /// Knows nothing any more, as a new gate. Facts are applied from the first on.
    pub fn forget(&self) {
        let before = std::mem::take(&mut *self.tables.write());
        drop(before);
    }
}
