//! The key of one subject.

use zeroize::Zeroizing;

/// The data key of one subject: 32 bytes, wiped when dropped, never printed or serialized.
///
/// It never rotates: it lives until its subject is erased.
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// Takes 32 bytes of a cryptographic random source as a key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
