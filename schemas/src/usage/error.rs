//! What can be wrong with a block.

/// Why bytes are no block of decisions. Hostile bytes give one of these and never a panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// The first byte names a format that this version does not know.
    #[error("the block has the unknown format {0}")]
    UnknownFormat(u8),
    /// The bytes end too early.
    #[error("the block is cut short")]
    CutShort,
    /// The checksum is another: a bit has changed.
    #[error("the block's checksum does not match its bytes")]
    Checksum,
    /// More rows, entries or bytes than a block may have.
    #[error("the block is larger than a block may be")]
    TooLarge,
    /// The checksum holds, yet the bytes make no sense: a writer's fault.
    #[error("the block is malformed: {0}")]
    Malformed(&'static str),
}
