//! A closed block, to be sealed and encoded.

use super::block::{Block, Columns};
use super::builder::BlockBuilder;
use super::dictionary::Sizes;
use super::header::{Header, Numbered, Numbering};
use super::packing::Packer;
use super::place::SegmentPlace;
use super::sealed::text_box;
use crate::sealing::{KeySet, seal_entry};

/// A subject's data key was not in the set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no data key for `{subject}`")]
pub struct MissingKey {
    /// Whose key it is.
    pub subject: String,
}

/// A block that takes no more rows and waits to be sealed and encoded. The same block gives the
/// same bytes each time.
pub struct ClosedBlock {
    pub(super) place: SegmentPlace,
    pub(super) sequence: u64,
    pub(super) index: u32,
    pub(super) incarnation: u32,
    pub(super) before: Sizes,
    pub(super) block: BlockBuilder,
}

impl ClosedBlock {
    /// The subjects whose data keys [`encode`](Self::encode) needs, perhaps repeated. The keys
    /// must be durable before the block is appended.
    pub fn subjects(&self) -> Vec<&str> {
        let clients = self.block.clients.iter().map(|it| &*it.subject.name);
        let boxes = self.block.boxes.iter().map(|it| &*it.subject.name);
        clients.chain(boxes).collect()
    }

    /// Whether it is the first of its segment: the position it is appended at is what the others
    /// of the segment are encoded with.
    pub fn is_first(&self) -> bool {
        self.index == 0
    }

    /// Time of the first row, in microseconds since 1970 UTC.
    pub fn first_us(&self) -> i64 {
        self.block.first.time_us
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.block.rows.len()
    }

    /// Seals and encodes the block. `first_block` is the position at which the segment's first
    /// block was appended, and is not looked at for that block itself.
    ///
    /// # Errors
    /// When the key of one of [`subjects`](Self::subjects) is missing.
    pub fn encode(&self, keys: &KeySet, first_block: u64) -> Result<Vec<u8>, MissingKey> {
        let block = Block { header: self.header(first_block), columns: self.columns(keys)? };
        Ok(block.encode())
    }

    fn header(&self, first_block: u64) -> Header {
        let block = &self.block;
        Header {
            place: self.place,
            sequence: self.sequence,
            index: self.index,
            first_block: if self.is_first() { 0 } else { first_block },
            incarnation: self.incarnation,
            base_time_us: block.first.time_us,
            earlier_us: block.earlier_us,
            later_us: block.later_us,
            rows: count(block.rows.len()),
            base_counter: block.first.counter,
            base_position: block.first.position,
            numbering: Numbering {
                subjects: numbered(self.before.subjects, block.subjects.len()),
                organizations: numbered(self.before.organizations, block.organizations.len()),
                tokens: numbered(self.before.tokens, block.tokens.len()),
                clients: numbered(self.before.clients, block.clients.len()),
                texts: numbered(self.before.texts, block.text_boxes.len()),
            },
            text_boxes: count(block.boxes.len()),
            counts: block.counts(),
        }
    }

    fn columns(&self, keys: &KeySet) -> Result<Columns, MissingKey> {
        let block = &self.block;
        Ok(Columns {
            rows: block.rows.clone(),
            cost_limits: block.cost_limits.clone(),
            cost_amounts: block.cost_amounts.clone(),
            subjects: block.subjects.iter().map(|it| it.as_bytes().into()).collect(),
            organization_ids: block.organizations.iter().map(|it| it.0).collect(),
            organization_subjects: block.organizations.iter().map(|it| it.1).collect(),
            token_ids: block.tokens.iter().map(|it| it.credential.token).collect(),
            token_secrets: block.tokens.iter().map(|it| it.credential.secret).collect(),
            token_organizations: block.tokens.iter().map(|it| it.organization).collect(),
            token_clients: block.tokens.iter().map(|it| it.client).collect(),
            client_subjects: block.clients.iter().map(|it| it.subject.number.into()).collect(),
            client_sealed: self.sealed_clients(keys)?,
            text_boxes: block.text_boxes.clone(),
            box_subjects: block.boxes.iter().map(|it| it.subject.number.into()).collect(),
            box_sealed: self.sealed_texts(keys)?,
        })
    }

    fn sealed_clients(&self, keys: &KeySet) -> Result<Vec<Box<[u8]>>, MissingKey> {
        let sealed = self.block.clients.iter().map(|client| {
            let nonce = self.place.client_nonce(client.number);
            sealed(keys, &client.subject.name, &nonce, &client.plain)
        });
        sealed.collect()
    }

    fn sealed_texts(&self, keys: &KeySet) -> Result<Vec<Box<[u8]>>, MissingKey> {
        let mut packer = Packer::new();
        let sealed = self.block.boxes.iter().map(|texts| {
            let nonce = self.place.texts_nonce(self.index, texts.subject.number);
            let strings = [texts.texts.as_slice(), &texts.request_ids].concat();
            sealed(keys, &texts.subject.name, &nonce, &text_box(&strings, &mut packer))
        });
        sealed.collect()
    }
}

fn sealed(keys: &KeySet, subject: &str, nonce: &[u8; 24], plain: &[u8]) -> Result<Box<[u8]>, MissingKey> {
    let key = keys.get(subject).ok_or_else(|| MissingKey { subject: subject.to_owned() })?;
    Ok(seal_entry(key, subject, nonce, plain).into())
}

fn numbered(before: u32, added: usize) -> Numbered {
    Numbered { before, added: count(added) }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
