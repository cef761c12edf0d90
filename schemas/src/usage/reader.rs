//! Reading a lane from anywhere.

use std::sync::Arc;

use super::block::Block;
use super::cursor::unzigzag;
use super::entry::number;
use super::header::{Header, OrganizationCount};
use super::place::NodeStart;
use super::record::{RecordedClient, RecordedDecision, Text};
use super::row::Row;
use super::segment::{RequestIds, Segment, Token, next_text};
use super::{BlockError, Layer, Outcome};
use crate::sealing::KeySet;

/// Segments whose entries are held at once: one for each node that writes the lane.
const MAX_OPEN_SEGMENTS: usize = 16;
/// Node starts of which the last block is remembered.
const MAX_NODE_STARTS: usize = 1024;

/// Why a block could not be read at this place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The entries that it builds on are unknown: see [`SegmentReader::standing`].
    #[error("the block does not follow the blocks read before it")]
    Gap,
    /// Something sealed does not open although the key is there.
    #[error("an entry sealed under `{subject}` was altered or belongs elsewhere")]
    Forged {
        /// Whose key it was to open with.
        subject: String,
    },
    /// The block contradicts itself.
    #[error(transparent)]
    Block(#[from] BlockError),
}

/// What a block is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be read now.
    Follows,
    /// It or a later one of the same node start was read before: drop it.
    AlreadyRead,
    /// [`learn`](SegmentReader::learn) the blocks of its segment from this position on first.
    NeedsEntriesFrom(u64),
}

/// Reads the blocks of one lane, in the order of the lane, starting anywhere.
///
/// Several nodes may write one lane; their segments are told apart by the node start.
#[derive(Default)]
pub struct SegmentReader {
    /// The one read last is at the end.
    segments: Vec<Segment>,
    read: Vec<(NodeStart, u64)>,
}

impl SegmentReader {
    /// A reader that goes on where another stopped, with what that [`has_read`](Self::has_read).
    pub fn resuming(read: Vec<(NodeStart, u64)>) -> Self {
        Self { segments: Vec::new(), read }
    }

    /// The greatest sequence read of each node start, the one read last at the end: to be kept
    /// with the reader's position, since a block that was appended twice may lie on both sides of
    /// it. At most 1,024.
    pub fn has_read(&self) -> &[(NodeStart, u64)] {
        &self.read
    }

    /// What a block with this header is to this reader.
    pub fn standing(&self, header: &Header) -> Standing {
        let last = self.read.iter().find(|(start, _)| *start == header.place.node_start);
        if last.is_some_and(|(_, sequence)| header.sequence <= *sequence) {
            return Standing::AlreadyRead;
        }
        if header.index == 0 || self.next_index(header) == Some(header.index) {
            return Standing::Follows;
        }
        Standing::NeedsEntriesFrom(header.first_block)
    }

    /// The subjects whose keys [`learn`](Self::learn) and [`read`](Self::read) need for `block`,
    /// perhaps repeated.
    ///
    /// # Errors
    /// When the block does not follow.
    pub fn subjects(&self, block: &Block) -> Result<Vec<Arc<str>>, ReadError> {
        match self.known(&block.header) {
            Some(it) if block.header.index > 0 => it.subjects_of(block),
            _ => Segment::new(block.header.place).subjects_of(block),
        }
    }

    /// Takes in the entries of a block and leaves its rows. A block of the segment that was
    /// learned before changes nothing.
    ///
    /// # Errors
    /// When the block does not follow, contradicts itself, or something sealed in it is forged.
    pub fn learn(&mut self, block: &Block, keys: &KeySet) -> Result<(), ReadError> {
        if self.next_index(&block.header).is_some_and(|next| block.header.index < next) {
            return Ok(());
        }
        self.take_in(block, keys).map(drop)
    }

    /// Takes in a block that [`Follows`](Standing::Follows) and gives its rows. What has no key
    /// in `keys` is given as erased.
    ///
    /// # Errors
    /// When the block does not follow, contradicts itself, or something sealed in it is forged.
    pub fn read(&mut self, block: &Block, keys: &KeySet) -> Result<Vec<RecordedDecision>, ReadError> {
        if self.standing(&block.header) != Standing::Follows {
            return Err(ReadError::Gap);
        }
        let mut ids = self.take_in(block, keys)?;
        let segment = self.segments.last().ok_or(ReadError::Gap)?;
        let rows = Rows::of(block).read_some(segment, &mut ids, |_| true)?;
        self.remember(block.header.place.node_start, block.header.sequence);
        Ok(rows)
    }

    /// Decisions of each organisation (none: of no organisation) in a block of a segment whose
    /// entries are known up to it, rows unread.
    ///
    /// # Errors
    /// When the block has not been learned or read.
    pub fn counts(&self, header: &Header) -> Result<Vec<(Option<u128>, u64)>, ReadError> {
        let known = self.known(header).filter(|it| header.index < it.next_index);
        let segment = known.ok_or(ReadError::Gap)?;
        let count = |it: &OrganizationCount| (segment.organization(it.organization), it.decisions);
        Ok(header.counts.iter().map(count).collect())
    }

    /// The clients that a block of a segment whose entries are known up to it has added.
    ///
    /// # Errors
    /// When the block has not been learned or read.
    pub fn added_clients(&self, header: &Header) -> Result<Vec<Arc<RecordedClient>>, ReadError> {
        let known = self.known(header).filter(|it| header.index < it.next_index);
        Ok(known.ok_or(ReadError::Gap)?.clients_of(header.numbering.clients))
    }

    /// The organisation of each row of a block of a segment whose entries are known up to it, by its
    /// number in the segment.
    ///
    /// # Errors
    /// When the block has not been learned or read.
    pub fn tenants(&self, block: &Block) -> Result<Vec<Option<u32>>, ReadError> {
        let known = self.known(&block.header).filter(|it| block.header.index < it.next_index);
        let segment = known.ok_or(ReadError::Gap)?;
        let usual = |row: &Row| segment.token(row.token).map_or(0, |it| it.organization);
        let tenant = |row: Row| number(beside(usual(&row), row.organization));
        Ok(block.columns.rows.rows().map(tenant).collect())
    }

    /// Blanks what was sealed under `subject` and is still held: on `subject.erased`, so that
    /// rows read later say the same as rows read again.
    pub fn forget(&mut self, subject: &str) {
        self.segments.iter_mut().for_each(|it| it.forget(subject));
    }

    fn known(&self, header: &Header) -> Option<&Segment> {
        self.segments.iter().find(|it| it.place == header.place)
    }

    fn next_index(&self, header: &Header) -> Option<u32> {
        self.known(header).map(|it| it.next_index)
    }

    /// Learns a block that must follow, and leaves its segment at the end. A segment that fails
    /// is dropped, so that its entries are asked for again.
    fn take_in(&mut self, block: &Block, keys: &KeySet) -> Result<RequestIds, ReadError> {
        let header = &block.header;
        let known = self.segments.iter().position(|it| it.place == header.place);
        let mut segment = match known.map(|it| self.segments.remove(it)) {
            Some(segment) if segment.next_index == header.index => segment,
            _ if header.index == 0 => Segment::new(header.place),
            _ => return Err(ReadError::Gap),
        };
        let ids = segment.learn(block, keys)?;
        let start = header.place.node_start;
        // A node start writes one segment of a lane at a time: its earlier ones are done.
        self.segments.retain(|it| it.place.node_start != start);
        if self.segments.len() >= MAX_OPEN_SEGMENTS {
            self.segments.remove(0);
        }
        self.segments.push(segment);
        Ok(ids)
    }

    fn remember(&mut self, start: NodeStart, sequence: u64) {
        self.read.retain(|(it, _)| *it != start);
        if self.read.len() >= MAX_NODE_STARTS {
            self.read.remove(0);
        }
        self.read.push((start, sequence));
    }
}

/// Where rows find what they refer to; references are one more than the number, and 0 for none.
pub(super) trait Entries {
    fn token(&self, reference: u64) -> Option<&Token>;
    fn organization(&self, reference: u64) -> Option<u128>;
    fn client(&self, reference: u64) -> Option<Arc<RecordedClient>>;
    fn text(&self, reference: u64) -> Option<Text>;
}

/// The rows of a block on their way from differences to values.
pub(super) struct Rows<'a> {
    block: &'a Block,
    time: u64,
    counter: u64,
    position: u64,
    costs: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn of(block: &'a Block) -> Self {
        Self {
            block,
            time: block.header.base_time_us.cast_unsigned(),
            counter: block.header.base_counter.wrapping_sub(1),
            position: block.header.base_position,
            costs: 0,
        }
    }

    /// Time of the row that was stepped to.
    pub(super) fn time_us(&self) -> i64 {
        self.time.cast_signed()
    }

    /// Counter of the row that was stepped to.
    pub(super) fn counter(&self) -> u64 {
        self.counter
    }

    /// Goes to the next row, which is this one.
    pub(super) fn step(&mut self, row: &Row) {
        self.time = self.time.wrapping_add(unzigzag(row.time));
        self.counter = self.counter.wrapping_add(1).wrapping_add(unzigzag(row.counter));
        self.position = self.position.wrapping_add(unzigzag(row.position));
    }

    /// The rows whose places in the block are wanted.
    pub(super) fn read_some(
        mut self,
        entries: &impl Entries,
        ids: &mut RequestIds,
        is_wanted: impl Fn(usize) -> bool,
    ) -> Result<Vec<RecordedDecision>, ReadError> {
        let mut wanted = Vec::new();
        for (place, row) in self.block.columns.rows.rows().enumerate() {
            self.step(&row);
            if is_wanted(place) {
                wanted.push(self.row(row, entries, ids)?);
            } else {
                request_id(row.client_request_id, ids)?;
                self.costs += cost_count(row.costs);
            }
        }
        Ok(wanted)
    }

    fn row(
        &mut self,
        row: Row,
        entries: &impl Entries,
        ids: &mut RequestIds,
    ) -> Result<RecordedDecision, ReadError> {
        let token = entries.token(row.token);
        let organization = beside(token.map_or(0, |it| it.organization), row.organization);
        let client = beside(token.map_or(0, |it| it.client), row.client);
        Ok(RecordedDecision {
            time_us: self.time_us(),
            counter: self.counter,
            token: token.map(|it| it.credential),
            caller: entries.token(row.caller).map(|it| it.credential),
            organization: entries.organization(organization),
            client: entries.client(client),
            outcome: Outcome(u16::try_from(row.outcome).map_err(|_| ReadError::Gap)?),
            layer: Layer(u16::try_from(row.layer).map_err(|_| ReadError::Gap)?),
            permission: entries.text(row.permission),
            endpoint: entries.text(row.endpoint),
            service: entries.text(row.service),
            environment: entries.text(row.environment),
            costs: self.costs(row.costs, entries),
            peek: row.peek != 0,
            count: row.more.saturating_add(1),
            position: self.position,
            client_request_id: request_id(row.client_request_id, ids)?,
        })
    }

    fn costs(&mut self, length: u64, entries: &impl Entries) -> Vec<(Text, u64)> {
        let columns = &self.block.columns;
        let length = cost_count(length);
        let pairs = columns.cost_limits.iter().zip(&columns.cost_amounts);
        let costs = pairs.skip(self.costs).take(length);
        self.costs += length;
        costs.filter_map(|(limit, cost)| Some((entries.text(limit + 1)?, *cost))).collect()
    }
}

fn cost_count(length: u64) -> usize {
    usize::try_from(length).unwrap_or_default()
}

/// What a column means beside what the token's entry names: a reference, 0 for none.
pub(super) fn beside(usual: u64, value: u64) -> u64 {
    if value == 0 { usual } else { value - 1 }
}

fn request_id(value: u64, ids: &mut RequestIds) -> Result<Option<Text>, ReadError> {
    let Some(place) = value.checked_sub(1).and_then(|it| usize::try_from(it).ok()) else {
        return Ok(None);
    };
    let texts = ids.get_mut(place).ok_or(ReadError::Gap)?;
    next_text(texts).map(Some)
}
