//! A block as it is stored: header, directory of columns, columns, checksum.

use sha2::{Digest, Sha256};

use super::BlockError;
use super::cursor::Cursor;
use super::directory::{Directory, DirectoryWriter};
use super::header::{FORMAT, Header};
use super::references;
use super::row::RowColumns;

/// A block may not be longer than this when it is read; writers stay far below.
const MAX_BLOCK_BYTES: usize = 1 << 20;
/// The first bytes of the SHA-256 of all before them. They find accidents; the ledger's digests
/// find intention.
const CHECKSUM_BYTES: usize = 8;
/// Headers with their directory are mostly shorter.
const USUAL_HEAD_BYTES: usize = 256;

/// The columns of a block. References count within the segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) rows: RowColumns,
    /// For each cost of each row: the number of the text that names the limit.
    pub(super) cost_limits: Vec<u64>,
    pub(super) cost_amounts: Vec<u64>,
    /// New subjects, as text.
    pub(super) subjects: Vec<Box<[u8]>>,
    pub(super) organization_ids: Vec<u128>,
    pub(super) organization_subjects: Vec<u64>,
    pub(super) token_ids: Vec<u128>,
    pub(super) token_secrets: Vec<u128>,
    /// One more than the number of the organisation, or 0.
    pub(super) token_organizations: Vec<u64>,
    /// One more than the number of the client that the token is usually used by, or 0.
    pub(super) token_clients: Vec<u64>,
    pub(super) client_subjects: Vec<u64>,
    pub(super) client_sealed: Vec<Box<[u8]>>,
    /// For each new text, which of the block's boxes it lies in.
    pub(super) text_boxes: Vec<u64>,
    pub(super) box_subjects: Vec<u64>,
    pub(super) box_sealed: Vec<Box<[u8]>>,
}

/// A decoded block, its personal data still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub(super) header: Header,
    pub(super) columns: Columns,
}

impl Block {
    /// What the block says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Reads a block. Whatever the bytes, this ends, uses bounded memory (about 20 MiB at worst,
    /// a few times the block's length usually) and does not panic.
    ///
    /// # Errors
    /// When the bytes are no block of decisions that this version can read.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockError> {
        if bytes.len() > MAX_BLOCK_BYTES {
            return Err(BlockError::TooLarge);
        }
        let mut cursor = Cursor::over(checked(bytes)?);
        let header = Header::read(&mut cursor)?;
        let columns = Directory::read(&mut cursor)?.columns(&header)?;
        references::check(&header, &columns)?;
        Ok(Self { header, columns })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bodies = Vec::with_capacity(8 << 10);
        let directory = DirectoryWriter::write(&self.columns, &mut bodies);
        let mut bytes = Vec::with_capacity(USUAL_HEAD_BYTES + bodies.len());
        self.header.put(&mut bytes);
        directory.put(&mut bytes);
        bytes.extend_from_slice(&bodies);
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }
}

fn checked(bytes: &[u8]) -> Result<&[u8], BlockError> {
    // The format first: blocks of other formats need not end in this checksum.
    let format = *bytes.first().ok_or(BlockError::CutShort)?;
    if format != FORMAT {
        return Err(BlockError::UnknownFormat(format));
    }
    let (content, sum) = bytes.split_last_chunk().ok_or(BlockError::CutShort)?;
    if *sum == checksum(content) { Ok(content) } else { Err(BlockError::Checksum) }
}

pub(super) fn checksum(content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest: [u8; 32] = Sha256::digest(content).into();
    std::array::from_fn(|place| digest.get(place).copied().unwrap_or_default())
}
