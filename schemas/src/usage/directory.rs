//! The directory of columns: number, encoding, length.

use super::block::Columns;
use super::cursor::{Cursor, put_varint};
use super::header::{Header, list_length};
use super::packing::{Packer, Unpacker};
use super::row::RowColumns;
use super::{BlockError, numbers, strings};

/// Column numbers beyond those of the rows. A number NEVER CHANGES its meaning.
mod column {
    pub(super) const COST_LIMITS: u8 = 32;
    pub(super) const COST_AMOUNTS: u8 = 33;
    pub(super) const SUBJECTS: u8 = 40;
    pub(super) const ORGANIZATION_IDS: u8 = 41;
    pub(super) const ORGANIZATION_SUBJECTS: u8 = 42;
    pub(super) const TOKEN_IDS: u8 = 43;
    pub(super) const TOKEN_SECRETS: u8 = 44;
    pub(super) const TOKEN_ORGANIZATIONS: u8 = 45;
    pub(super) const TOKEN_CLIENTS: u8 = 46;
    pub(super) const CLIENT_SUBJECTS: u8 = 47;
    pub(super) const CLIENT_SEALED: u8 = 48;
    pub(super) const TEXT_BOXES: u8 = 49;
    pub(super) const BOX_SUBJECTS: u8 = 50;
    pub(super) const BOX_SEALED: u8 = 51;
}

/// Collects the directory while the bodies are written.
#[derive(Default)]
pub(super) struct DirectoryWriter {
    columns: u64,
    bytes: Vec<u8>,
}

impl DirectoryWriter {
    /// Appends the bodies of all columns that are not their default.
    pub(super) fn write(columns: &Columns, bodies: &mut Vec<u8>) -> Self {
        let mut directory = Self::default();
        directory.columns(columns, bodies);
        directory
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_varint(self.columns, out);
        out.extend_from_slice(&self.bytes);
    }

    /// All columns in ascending order of their numbers.
    fn columns(&mut self, columns: &Columns, out: &mut Vec<u8>) {
        let packer = &mut Packer::new();
        for (number, values) in (1..).zip(&columns.rows.0) {
            self.numbers(number, values, packer, out);
        }
        self.numbers(column::COST_LIMITS, &columns.cost_limits, packer, out);
        self.numbers(column::COST_AMOUNTS, &columns.cost_amounts, packer, out);
        self.strings(column::SUBJECTS, &columns.subjects, Some(packer), out);
        self.ids(column::ORGANIZATION_IDS, &columns.organization_ids, out);
        self.numbers(column::ORGANIZATION_SUBJECTS, &columns.organization_subjects, packer, out);
        self.ids(column::TOKEN_IDS, &columns.token_ids, out);
        self.ids(column::TOKEN_SECRETS, &columns.token_secrets, out);
        self.numbers(column::TOKEN_ORGANIZATIONS, &columns.token_organizations, packer, out);
        self.numbers(column::TOKEN_CLIENTS, &columns.token_clients, packer, out);
        self.numbers(column::CLIENT_SUBJECTS, &columns.client_subjects, packer, out);
        self.strings(column::CLIENT_SEALED, &columns.client_sealed, None, out);
        self.numbers(column::TEXT_BOXES, &columns.text_boxes, packer, out);
        self.numbers(column::BOX_SUBJECTS, &columns.box_subjects, packer, out);
        self.strings(column::BOX_SEALED, &columns.box_sealed, None, out);
    }

    fn numbers(&mut self, number: u8, values: &[u64], packer: &mut Packer, out: &mut Vec<u8>) {
        if values.iter().any(|it| *it != 0) {
            self.column(number, out, |out| numbers::encode(values, packer, out));
        }
    }

    fn ids(&mut self, number: u8, ids: &[u128], out: &mut Vec<u8>) {
        if !ids.is_empty() {
            self.column(number, out, |out| strings::encode_ids(ids, out));
        }
    }

    fn strings(&mut self, number: u8, values: &[Box<[u8]>], packer: Option<&mut Packer>, out: &mut Vec<u8>) {
        if !values.is_empty() {
            self.column(number, out, |out| strings::encode_strings(values, packer, out));
        }
    }

    fn column(&mut self, number: u8, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> u8) {
        let start = out.len();
        let encoding = write(out);
        self.columns += 1;
        self.bytes.extend([number, encoding]);
        put_varint((out.len() - start) as u64, &mut self.bytes);
    }
}

/// The columns that a block has, not yet read.
pub(super) struct Directory<'a> {
    columns: Vec<Stored<'a>>,
    unpacker: Unpacker,
}

#[derive(Clone, Copy)]
struct Stored<'a> {
    number: u8,
    encoding: u8,
    body: &'a [u8],
}

impl<'a> Directory<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, BlockError> {
        let length: u8 = cursor.small()?;
        let mut entries = Vec::with_capacity(length.into());
        for _ in 0..length {
            entries.push((cursor.byte()?, cursor.byte()?, cursor.small::<usize>()?));
        }
        if !entries.is_sorted_by(|(a, ..), (b, ..)| a < b) {
            return Err(BlockError::Malformed("the columns are not in order"));
        }
        let stored = |(number, encoding, length)| Ok(Stored { number, encoding, body: cursor.take(length)? });
        let columns = entries.into_iter().map(stored).collect::<Result<_, _>>()?;
        cursor.end()?;
        Ok(Self { columns, unpacker: Unpacker::new() })
    }

    /// Reads the columns known here and leaves the others; an absent one has its default.
    pub(super) fn columns(mut self, header: &Header) -> Result<Columns, BlockError> {
        let mut rows = RowColumns::default();
        for (number, values) in (1..).zip(&mut rows.0) {
            *values = self.numbers(number, header.rows as usize)?;
        }
        let costs = list_length(rows.costs())?;
        let [subjects, organizations, tokens, clients, texts] = header.numbering.added();
        let boxes = header.text_boxes as usize;
        Ok(Columns {
            rows,
            cost_limits: self.numbers(column::COST_LIMITS, costs)?,
            cost_amounts: self.numbers(column::COST_AMOUNTS, costs)?,
            subjects: self.strings(column::SUBJECTS, subjects)?,
            organization_ids: self.ids(column::ORGANIZATION_IDS, organizations)?,
            organization_subjects: self.numbers(column::ORGANIZATION_SUBJECTS, organizations)?,
            token_ids: self.ids(column::TOKEN_IDS, tokens)?,
            token_secrets: self.ids(column::TOKEN_SECRETS, tokens)?,
            token_organizations: self.numbers(column::TOKEN_ORGANIZATIONS, tokens)?,
            token_clients: self.numbers(column::TOKEN_CLIENTS, tokens)?,
            client_subjects: self.numbers(column::CLIENT_SUBJECTS, clients)?,
            client_sealed: self.strings(column::CLIENT_SEALED, clients)?,
            text_boxes: self.numbers(column::TEXT_BOXES, texts)?,
            box_subjects: self.numbers(column::BOX_SUBJECTS, boxes)?,
            box_sealed: self.strings(column::BOX_SEALED, boxes)?,
        })
    }

    fn find(&self, number: u8) -> Option<Stored<'a>> {
        let place = self.columns.binary_search_by_key(&number, |it| it.number).ok()?;
        self.columns.get(place).copied()
    }

    fn numbers(&mut self, number: u8, count: usize) -> Result<Vec<u64>, BlockError> {
        match self.find(number) {
            None => Ok(vec![0; count]),
            Some(it) => numbers::decode(it.encoding, it.body, count, &mut self.unpacker),
        }
    }

    fn ids(&mut self, number: u8, count: usize) -> Result<Vec<u128>, BlockError> {
        match self.find(number) {
            None => Ok(vec![0; count]),
            Some(it) => strings::decode_ids(it.encoding, it.body, count),
        }
    }

    fn strings(&mut self, number: u8, count: usize) -> Result<Vec<Box<[u8]>>, BlockError> {
        match self.find(number) {
            None => Ok(vec![Box::default(); count]),
            Some(it) => strings::decode_strings(it.encoding, it.body, count, &mut self.unpacker),
        }
    }
}
