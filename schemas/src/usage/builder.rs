//! The open block: rows and new entries, in clear until it is sealed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cursor::{put_string, zigzag};
use super::decision::{Client, Credential, Decision, MAX_TEXT_BYTES};
use super::header::OrganizationCount;
use super::row::{Row, RowColumns};
use super::sealed::client_entry;
use crate::sealing::TAG_BYTES;

/// A block closes at this many rows,
pub const MAX_ROWS: usize = 1_000;
/// or when its rows span this many microseconds,
pub const MAX_SPAN_US: u64 = 100_000;
/// or when it may have grown to this many bytes; the row that exceeds it still belongs to it.
pub const MAX_BYTES: usize = 24 << 10;

/// Bytes that a reference takes at most in an entry's column.
const REFERENCE_BYTES: usize = 4;

/// Whether a block takes more rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockState {
    /// It does.
    Open,
    /// It is to be closed now.
    Full,
}

/// A subject by its number in the segment, and by name.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) number: u32,
    pub(super) name: Arc<str>,
}

/// An entry whose address and user agent wait to be sealed.
pub(super) struct NewClient {
    pub(super) number: u32,
    pub(super) subject: Subject,
    pub(super) plain: Vec<u8>,
}

/// Texts of one subject that wait to be sealed: those newly numbered, then request ids of rows.
pub(super) struct NewTexts {
    pub(super) subject: Subject,
    pub(super) texts: Vec<u8>,
    pub(super) request_ids: Vec<u8>,
}

/// A token's entry.
pub(super) struct NewToken {
    pub(super) credential: Credential,
    pub(super) organization: u64,
    pub(super) client: u64,
}

/// Where the differences of the next row start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bases {
    pub(super) time_us: i64,
    pub(super) counter: u64,
    pub(super) position: u64,
}

/// Rows and new entries of one block, taken in until it is full.
#[derive(Default)]
pub(super) struct BlockBuilder {
    pub(super) rows: RowColumns,
    pub(super) cost_limits: Vec<u64>,
    pub(super) cost_amounts: Vec<u64>,
    pub(super) subjects: Vec<Arc<str>>,
    pub(super) organizations: Vec<(u128, u64)>,
    pub(super) tokens: Vec<NewToken>,
    pub(super) clients: Vec<NewClient>,
    pub(super) text_boxes: Vec<u64>,
    pub(super) boxes: Vec<NewTexts>,
    pub(super) first: Bases,
    pub(super) earlier_us: u64,
    pub(super) later_us: u64,
    counts: BTreeMap<u64, u64>,
    last: Bases,
    bytes: usize,
}

impl BlockBuilder {
    /// Adds a row whose references are set; this sets the rest. `organization` is 0 for none, or
    /// one more than its number.
    pub(super) fn push(&mut self, decision: &Decision<'_>, organization: u64, row: Row) {
        self.measure(decision);
        let time = decision.time_us.wrapping_sub(self.last.time_us).cast_unsigned();
        let row = Row {
            time: zigzag(time),
            counter: zigzag(decision.counter.wrapping_sub(self.last.counter).wrapping_sub(1)),
            position: zigzag(decision.position.wrapping_sub(self.last.position)),
            outcome: decision.outcome.0.into(),
            layer: decision.layer.0.into(),
            costs: decision.costs.len() as u64,
            peek: decision.peek.into(),
            more: decision.count.saturating_sub(1),
            ..row
        };
        self.last =
            Bases { time_us: decision.time_us, counter: decision.counter, position: decision.position };
        let counted = self.counts.entry(organization).or_default();
        *counted = counted.saturating_add(decision.count);
        self.bytes += self.rows.push(row);
    }

    fn measure(&mut self, decision: &Decision<'_>) {
        if self.rows.len() == 0 {
            let Decision { time_us, counter, position, .. } = *decision;
            self.first = Bases { time_us, counter, position };
            // The first row, too, is expected to be one more than the row before it.
            self.last = Bases { counter: counter.wrapping_sub(1), ..self.first };
        }
        let apart = decision.time_us.abs_diff(self.first.time_us);
        if decision.time_us < self.first.time_us {
            self.earlier_us = self.earlier_us.max(apart);
        } else {
            self.later_us = self.later_us.max(apart);
        }
    }

    pub(super) fn cost(&mut self, limit: u64, amount: u64) {
        self.cost_limits.push(limit);
        self.cost_amounts.push(amount);
        self.bytes += 2 * REFERENCE_BYTES;
    }

    pub(super) fn subject(&mut self, subject: Arc<str>) {
        self.bytes += subject.len() + 2;
        self.subjects.push(subject);
    }

    pub(super) fn organization(&mut self, id: u128, subject: u32) {
        self.bytes += size_of_val(&id) + REFERENCE_BYTES;
        self.organizations.push((id, subject.into()));
    }

    pub(super) fn token(&mut self, token: NewToken) {
        self.bytes += size_of_val(&token.credential) + 2 * REFERENCE_BYTES;
        self.tokens.push(token);
    }

    pub(super) fn client(&mut self, number: u32, subject: Subject, client: &Client<'_>) {
        let plain = client_entry(client.address, client.user_agent);
        self.bytes += plain.len() + TAG_BYTES + 2 + REFERENCE_BYTES;
        self.clients.push(NewClient { number, subject, plain });
    }

    /// Puts a newly numbered text into the box of its subject.
    pub(super) fn text(&mut self, subject: Subject, text: &str) {
        let place = self.text_box(subject);
        if let Some(texts) = self.boxes.get_mut(place) {
            put_string(text.as_bytes(), &mut texts.texts);
        }
        self.text_boxes.push(place as u64);
        self.bytes += text.len() + 2 + REFERENCE_BYTES;
    }

    /// Puts a caller's request id into the box of `subject`; returns the value of the row's column.
    pub(super) fn request_id(&mut self, subject: Subject, text: &str) -> u64 {
        let place = self.text_box(subject);
        if let Some(texts) = self.boxes.get_mut(place) {
            put_string(text.as_bytes(), &mut texts.request_ids);
        }
        self.bytes += text.len() + 2;
        place as u64 + 1
    }

    /// The place of the subject's box, made if need be. From the end, for it is mostly the last.
    fn text_box(&mut self, subject: Subject) -> usize {
        let number = subject.number;
        if let Some(place) = self.boxes.iter().rposition(|it| it.subject.number == number) {
            return place;
        }
        self.bytes += 1 + TAG_BYTES + 2 + REFERENCE_BYTES;
        self.boxes.push(NewTexts { subject, texts: Vec::new(), request_ids: Vec::new() });
        self.boxes.len() - 1
    }

    pub(super) fn state(&self) -> BlockState {
        let span = self.earlier_us.saturating_add(self.later_us);
        let full = self.rows.len() >= MAX_ROWS || span >= MAX_SPAN_US || self.bytes >= MAX_BYTES;
        if full { BlockState::Full } else { BlockState::Open }
    }

    /// The most bytes that the block may take, without its header.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn counts(&self) -> Vec<OrganizationCount> {
        let count = |(&organization, &decisions)| OrganizationCount { organization, decisions };
        self.counts.iter().map(count).collect()
    }
}

/// The most that one decision adds to what a segment's entries hold in clear.
pub(super) const MOST_ENTRY_BYTES: usize = 32 * MAX_TEXT_BYTES;
