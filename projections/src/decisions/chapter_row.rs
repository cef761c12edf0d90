//! Chapters as rows.
//!
//! `blocks`: how many, then for each: place after the one before (the first: after the chapter's start),
//! earliest time (µs, zigzag, after the chapter's earliest), latest after that; how many entries of each
//! kind the segment had before the first block; for each block, how many of each kind it adds, where it
//! lies behind the one before without a gap, or 1 more than what is missing. `occurring`: sets, in the order
//! of [`Occurring`]. Both as [`bytes`](super::bytes) says.

use std::collections::{BTreeMap, BTreeSet};

use eventlog::usage::Place;
use schemas::usage::SegmentPlace;
use store::{Row, SqlError, Value};

use super::bytes::{Reader, Writer, damaged};
use super::chapter::{BlockNote, Chapter, Numbered, Occurring, PLACE_BITS};
use super::segment::{node_start_text, read_segment, segment_text};
use crate::runner::{Id, Record, Table};

pub(super) const CHAPTERS: Table = Table {
    name: "chapters",
    columns: &[
        "id",
        "segment",
        "number",
        "lane",
        "node_start",
        "earliest",
        "latest",
        "counter_least",
        "counter_greatest",
        "is_folded",
        "subjects",
        "organizations",
        "tokens",
        "clients",
        "texts",
        "blocks",
        "occurring",
    ],
    ddl: "CREATE TABLE IF NOT EXISTS decisions.chapters (
        id TEXT PRIMARY KEY NOT NULL,
        segment TEXT NOT NULL,
        number BIGINT NOT NULL,
        lane BIGINT NOT NULL,
        node_start TEXT NOT NULL,
        earliest BIGINT NOT NULL,
        latest BIGINT NOT NULL,
        counter_least BIGINT NOT NULL,
        counter_greatest BIGINT NOT NULL,
        is_folded BOOLEAN NOT NULL,
        subjects BIGINT NOT NULL,
        organizations BIGINT NOT NULL,
        tokens BIGINT NOT NULL,
        clients BIGINT NOT NULL,
        texts BIGINT NOT NULL,
        blocks BYTEA NOT NULL,
        occurring BYTEA NOT NULL
    )",
    indexes: &[
        "CREATE INDEX IF NOT EXISTS chapters_by_segment ON decisions.chapters (segment, number)",
        "CREATE INDEX IF NOT EXISTS chapters_by_counter \
         ON decisions.chapters (node_start, lane, counter_least)",
        "CREATE INDEX IF NOT EXISTS chapters_by_subjects ON decisions.chapters (segment, subjects, number)",
        "CREATE INDEX IF NOT EXISTS chapters_by_organizations \
         ON decisions.chapters (segment, organizations, number)",
        "CREATE INDEX IF NOT EXISTS chapters_by_tokens ON decisions.chapters (segment, tokens, number)",
        "CREATE INDEX IF NOT EXISTS chapters_by_clients ON decisions.chapters (segment, clients, number)",
        "CREATE INDEX IF NOT EXISTS chapters_by_texts ON decisions.chapters (segment, texts, number)",
    ],
    personal: &[],
};

/// The key of a chapter of a segment.
pub(super) fn chapter_id(segment: SegmentPlace, number: u64) -> Id {
    format!("{}.{number:x}", segment_text(segment)).into()
}

impl Record for Chapter {
    const TABLE: &'static Table = &CHAPTERS;

    fn id(&self) -> Id {
        chapter_id(self.segment, self.number)
    }

    fn into_values(self) -> Vec<Value> {
        let [subjects, organizations, tokens, clients, texts] = self.before_all();
        vec![
            Value::from(&self.id()),
            segment_text(self.segment).into(),
            self.number.into(),
            i64::from(self.segment.lane).into(),
            node_start_text(self.segment.node_start).into(),
            self.earliest_us.into(),
            self.latest_us.into(),
            self.counters.0.into(),
            self.counters.1.into(),
            self.is_folded.into(),
            i64::from(subjects).into(),
            i64::from(organizations).into(),
            i64::from(tokens).into(),
            i64::from(clients).into(),
            i64::from(texts).into(),
            self.write_blocks().into(),
            self.occurring.write().into(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let (number, earliest_us) = (row.unsigned(2)?, row.int(5)?);
        Ok(Self {
            segment: read_segment(row.text(1)?).ok_or_else(damaged)?,
            number,
            earliest_us,
            latest_us: row.int(6)?,
            counters: (row.unsigned(7)?, row.unsigned(8)?),
            is_folded: row.bool(9)?,
            blocks: read_blocks(number, earliest_us, row.blob(15)?)?,
            occurring: Occurring::read(row.blob(16)?)?,
        })
    }
}

impl Chapter {
    fn write_blocks(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.count(self.blocks.len());
        let mut before = self.before_all();
        for it in before {
            out.number(it);
        }
        let mut place = self.number << PLACE_BITS;
        for block in &self.blocks {
            out.number(block.place.0.wrapping_sub(place));
            out.number(block.earliest_us.abs_diff(self.earliest_us));
            out.number(block.latest_us.abs_diff(block.earliest_us));
            for (from, (start, end)) in before.iter().zip(block.before.iter().zip(&block.after)) {
                out.number(start.wrapping_sub(*from));
                out.number(end.wrapping_sub(*start));
            }
            place = block.place.0;
            before = block.after;
        }
        out.finish()
    }
}

fn read_blocks(number: u64, earliest_us: i64, column: &[u8]) -> Result<Vec<BlockNote>, SqlError> {
    let mut input = Reader::over(column)?;
    let length: usize = input.number()?;
    let mut before: Numbered = Numbered::default();
    for it in &mut before {
        *it = input.number()?;
    }
    let mut place = number << PLACE_BITS;
    let mut blocks = Vec::new();
    for _ in 0..length {
        place = place.wrapping_add(input.number()?);
        let earliest = earliest_us.saturating_add_unsigned(input.number()?);
        let latest = earliest.saturating_add_unsigned(input.number()?);
        let mut after = before;
        for (start, end) in before.iter_mut().zip(&mut after) {
            *start = start.wrapping_add(input.number()?);
            *end = start.wrapping_add(input.number()?);
        }
        blocks.push(BlockNote {
            place: Place(place),
            earliest_us: earliest,
            latest_us: latest,
            before,
            after,
        });
        before = after;
    }
    if input.is_over() { Ok(blocks) } else { Err(damaged()) }
}

impl Occurring {
    fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.set(&self.outcomes);
        out.set(&self.organizations);
        out.count(self.usual.len());
        for (organization, tokens) in &self.usual {
            out.number(*organization);
            out.set(tokens);
        }
        out.set(&self.unusual);
        out.set(&self.callers);
        out.set(&self.clients);
        out.finish()
    }

    fn read(column: &[u8]) -> Result<Self, SqlError> {
        let mut input = Reader::over(column)?;
        let outcomes = input.set()?;
        let organizations = input.set()?;
        let length: usize = input.number()?;
        let mut usual: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for _ in 0..length {
            let organization = input.number()?;
            usual.insert(organization, input.set()?);
        }
        let occurring = Self {
            outcomes,
            organizations,
            usual,
            unusual: input.set()?,
            callers: input.set()?,
            clients: input.set()?,
        };
        if input.is_over() { Ok(occurring) } else { Err(damaged()) }
    }
}
