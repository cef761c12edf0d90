//! Sealed boxes, and the keys that open them.
//!
//! Personal fields and callers' texts are stored only as boxes sealed under the data key of their
//! subject; deleting that one key erases them from logs that never change. Subjects are opaque
//! texts here, and time is unknown.
//!
//! # Formats
//! The first byte of everything sealed names its purpose and version, and is bound into the
//! associated data, so that nothing sealed for one purpose opens for another:
//!
//! | byte | what | stored bytes |
//! |---|---|---|
//! | `0x01` | box of a record | `0x01 ‖ nonce (24) ‖ ciphertext ‖ tag (16)` |
//! | `0x21` | entry of a usage segment | `ciphertext ‖ tag (16)`; the block says the rest |
//! | `0x61` | box of a cache, such as the gate's snapshot | `0x61 ‖ nonce (24) ‖ ciphertext ‖ tag (16)` |
//! | `0x41` | wrapped data key | `0x41 ‖ master key id (4) ‖ nonce (24) ‖ ciphertext (32) ‖ tag (16)` |
//!
//! The cipher is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Associated data, lengths being
//! eight bytes, big endian:
//!
//! | what | associated data |
//! |---|---|
//! | box | `0x01 ‖ 16 ‖ event id ‖ length of subject ‖ subject` |
//! | entry | `0x21 ‖ length of subject ‖ subject` |
//! | box of a cache | `0x61 ‖ length of subject ‖ subject` |
//! | wrapped key | `0x41 ‖ master key id (4) ‖ length of subject ‖ subject` |
//!
//! These bytes MUST NEVER CHANGE: another layout takes another first byte.

mod aead;
mod boxes;
mod cache;
mod data_key;
mod key_set;
mod keyring;
mod master_key;
mod randomness;
mod shelf;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod testing;

pub(crate) use aead::{TAG_BYTES, open_entry, seal_entry};
pub use boxes::{BOX_OVERHEAD_BYTES, OpenError, open, open_cached, seal, seal_cached};
pub use data_key::DataKey;
pub use key_set::KeySet;
pub use keyring::{Keyring, KeyringError};
pub use master_key::{MasterKey, MasterKeys, UnwrapError, WRAPPED_KEY_BYTES, wrapped_under};
pub use randomness::{NoncesAhead, OsRandomness, Randomness, RandomnessError};
pub use shelf::{KeyShelf, KeyShelfError, MemoryShelf};
