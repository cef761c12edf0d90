//! What a block says of itself before its columns.

use super::BlockError;
use super::cursor::{Cursor, put_varint, unzigzag, zigzag};
use super::place::{NodeStart, SegmentPlace};

/// The first byte of a block of decisions. Blocks of other things begin with other bytes.
pub(super) const FORMAT: u8 = 1;
/// The most rows that a block may have; writers close it at [`MAX_ROWS`](super::MAX_ROWS).
const ROW_LIMIT: usize = 4096;
/// The most entries of one kind in a block, and values in its lists.
const BLOCK_LIMIT: usize = 1 << 16;
/// The most things of one kind that a segment numbers.
pub const MAX_NUMBERED: u32 = 1 << 18;

/// The things of one kind that a block numbers: how many there were before it, and how many it
/// adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) before: u32,
    pub(super) added: u32,
}

impl Numbered {
    /// How many there are after the block.
    pub(super) fn after(self) -> u32 {
        self.before.saturating_add(self.added)
    }

    fn put(self, out: &mut Vec<u8>) {
        put_varint(self.before.into(), out);
        put_varint(self.added.into(), out);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, BlockError> {
        let numbered = Self { before: cursor.small()?, added: cursor.small()? };
        let fits = numbered.added as usize <= BLOCK_LIMIT && numbered.after() <= MAX_NUMBERED;
        if fits { Ok(numbered) } else { Err(BlockError::TooLarge) }
    }
}

/// The five kinds of things that a segment numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Numbering {
    pub(super) subjects: Numbered,
    pub(super) organizations: Numbered,
    pub(super) tokens: Numbered,
    pub(super) clients: Numbered,
    pub(super) texts: Numbered,
}

impl Numbering {
    /// How many subjects, organisations, tokens, clients and texts the block adds.
    pub(super) fn added(&self) -> [usize; 5] {
        let Self { subjects, organizations, tokens, clients, texts } = self;
        [subjects, organizations, tokens, clients, texts].map(|it| it.added as usize)
    }
}

/// Decisions of one organisation in a block, by its number in the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrganizationCount {
    /// 0 for decisions that belong to no organisation, else one more than the number.
    pub(super) organization: u64,
    pub(super) decisions: u64,
}

/// What a block says of itself before its columns; readable without any key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The segment it belongs to.
    pub place: SegmentPlace,
    /// Its number among all blocks of this node start and lane: 0, 1, 2 …
    pub sequence: u64,
    /// Its number within the segment: 0, 1, 2 …
    pub index: u32,
    /// Position of the segment's first block in the usage log; 0 in that block itself.
    pub first_block: u64,
    /// Incarnation of the ledger that the rows' gate positions belong to.
    pub incarnation: u32,
    /// Time of the first row, in microseconds since 1970 UTC.
    pub(super) base_time_us: i64,
    /// How far the earliest row is before the first, and the latest after it, in microseconds.
    pub(super) earlier_us: u64,
    pub(super) later_us: u64,
    /// Number of rows.
    pub rows: u32,
    pub(super) base_counter: u64,
    pub(super) base_position: u64,
    pub(super) numbering: Numbering,
    /// Boxes of texts.
    pub(super) text_boxes: u32,
    pub(super) counts: Vec<OrganizationCount>,
}

impl Header {
    /// Time of the earliest row, in microseconds since 1970 UTC.
    pub fn earliest_us(&self) -> i64 {
        self.base_time_us.saturating_sub_unsigned(self.earlier_us)
    }

    /// Time of the latest row, in microseconds since 1970 UTC.
    pub fn latest_us(&self) -> i64 {
        self.base_time_us.saturating_add_unsigned(self.later_us)
    }

    /// How many decisions the rows stand for, of all organisations.
    pub fn decisions(&self) -> u64 {
        self.counts.iter().fold(0, |sum, it| sum.saturating_add(it.decisions))
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.push(FORMAT);
        out.extend_from_slice(&self.place.node_start.0);
        let numbers = [
            u64::from(self.place.lane),
            u64::from(self.place.segment),
            self.sequence,
            u64::from(self.index),
            self.first_block,
            u64::from(self.incarnation),
            zigzag(self.base_time_us.cast_unsigned()),
            self.earlier_us,
            self.later_us,
            u64::from(self.rows),
            self.base_counter,
            self.base_position,
        ];
        for number in numbers {
            put_varint(number, out);
        }
        let Numbering { subjects, organizations, tokens, clients, texts } = self.numbering;
        for numbered in [subjects, organizations, tokens, clients, texts] {
            numbered.put(out);
        }
        put_varint(self.text_boxes.into(), out);
        put_varint(self.counts.len() as u64, out);
        for count in &self.counts {
            put_varint(count.organization, out);
            put_varint(count.decisions, out);
        }
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, BlockError> {
        let format = cursor.byte()?;
        if format != FORMAT {
            return Err(BlockError::UnknownFormat(format));
        }
        let node_start = NodeStart(cursor.array()?);
        let place = SegmentPlace { node_start, lane: cursor.small()?, segment: cursor.small()? };
        let header = Self {
            place,
            sequence: cursor.varint()?,
            index: cursor.small()?,
            first_block: cursor.varint()?,
            incarnation: cursor.small()?,
            base_time_us: unzigzag(cursor.varint()?).cast_signed(),
            earlier_us: cursor.varint()?,
            later_us: cursor.varint()?,
            rows: cursor.small()?,
            base_counter: cursor.varint()?,
            base_position: cursor.varint()?,
            numbering: Numbering {
                subjects: Numbered::read(cursor)?,
                organizations: Numbered::read(cursor)?,
                tokens: Numbered::read(cursor)?,
                clients: Numbered::read(cursor)?,
                texts: Numbered::read(cursor)?,
            },
            text_boxes: cursor.small()?,
            counts: read_counts(cursor)?,
        };
        header.within_limits()
    }

    fn within_limits(self) -> Result<Self, BlockError> {
        if self.rows as usize > ROW_LIMIT || self.text_boxes as usize > BLOCK_LIMIT {
            return Err(BlockError::TooLarge);
        }
        let known = u64::from(self.numbering.organizations.after());
        if self.rows == 0 || self.counts.iter().any(|it| it.organization > known) {
            return Err(BlockError::Malformed("the header contradicts itself"));
        }
        Ok(self)
    }
}

fn read_counts(cursor: &mut Cursor<'_>) -> Result<Vec<OrganizationCount>, BlockError> {
    let length: usize = cursor.small()?;
    if length > ROW_LIMIT {
        return Err(BlockError::TooLarge);
    }
    let count = |_| Ok(OrganizationCount { organization: cursor.varint()?, decisions: cursor.varint()? });
    (0..length).map(count).collect()
}

/// Refuses lists beyond what a block may hold.
pub(super) fn list_length(lengths: &[u64]) -> Result<usize, BlockError> {
    let length = lengths.iter().try_fold(0_u64, |sum, it| sum.checked_add(*it));
    length.and_then(|it| usize::try_from(it).ok()).filter(|it| *it <= BLOCK_LIMIT).ok_or(BlockError::TooLarge)
}
