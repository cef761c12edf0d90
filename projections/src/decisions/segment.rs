//! The segments of the lanes.

use eventlog::usage::Place;
use schemas::usage::{NodeStart, SegmentPlace};
use store::{Row, SqlError, Value};

use super::bytes::damaged;
use crate::runner::{Id, Record, Table};
use crate::usage_feed::UsageBlock;

/// What is known of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Segment {
    pub(super) place: SegmentPlace,
    /// The place of its first block.
    pub(super) first: Place,
    /// The place of its last block.
    pub(super) last: Place,
    pub(super) earliest_us: i64,
    pub(super) latest_us: i64,
    /// Whether it has rows of no organisation.
    pub(super) has_none: bool,
}

pub(super) const SEGMENTS: Table = Table {
    name: "segments",
    columns: &["id", "lane", "first", "last", "earliest", "latest", "has_none"],
    ddl: "CREATE TABLE IF NOT EXISTS decisions.segments (
        id TEXT PRIMARY KEY NOT NULL,
        lane BIGINT NOT NULL,
        first BIGINT NOT NULL,
        last BIGINT NOT NULL,
        earliest BIGINT NOT NULL,
        latest BIGINT NOT NULL,
        has_none BOOLEAN NOT NULL
    )",
    indexes: &[],
    personal: &[],
};

impl Segment {
    /// What a block says of it.
    pub(super) fn of(block: &UsageBlock) -> Self {
        let header = block.header();
        Self {
            place: header.place,
            first: block.place,
            last: block.place,
            earliest_us: header.earliest_us(),
            latest_us: header.latest_us(),
            has_none: header.organizations().any(|it| it.is_none()),
        }
    }

    /// And what another, later block says of it.
    pub(super) fn merge(&mut self, later: &Self) {
        self.last = later.last;
        self.earliest_us = self.earliest_us.min(later.earliest_us);
        self.latest_us = self.latest_us.max(later.latest_us);
        self.has_none |= later.has_none;
    }
}

impl Record for Segment {
    const TABLE: &'static Table = &SEGMENTS;

    fn id(&self) -> Id {
        segment_text(self.place).into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![
            segment_text(self.place).into(),
            i64::from(self.place.lane).into(),
            self.first.0.into(),
            self.last.0.into(),
            self.earliest_us.into(),
            self.latest_us.into(),
            self.has_none.into(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            place: read_segment(row.text(0)?).ok_or_else(damaged)?,
            first: Place(row.unsigned(2)?),
            last: Place(row.unsigned(3)?),
            earliest_us: row.int(4)?,
            latest_us: row.int(5)?,
            has_none: row.bool(6)?,
        })
    }
}

/// A segment by its node start, lane and number, in hexadecimal digits.
pub(super) fn segment_text(place: SegmentPlace) -> String {
    format!("{}.{:x}.{:x}", node_start_text(place.node_start), place.lane, place.segment)
}

/// Turns [`segment_text`] back.
pub(super) fn read_segment(text: &str) -> Option<SegmentPlace> {
    let mut parts = text.splitn(3, '.');
    Some(SegmentPlace {
        node_start: read_node_start(parts.next()?)?,
        lane: u16::from_str_radix(parts.next()?, 16).ok()?,
        segment: u32::from_str_radix(parts.next()?, 16).ok()?,
    })
}

/// A node start as 16 hexadecimal digits.
pub(super) fn node_start_text(start: NodeStart) -> String {
    format!("{:016x}", u64::from_be_bytes(start.0))
}

fn read_node_start(text: &str) -> Option<NodeStart> {
    u64::from_str_radix(text, 16).ok().map(|it| NodeStart(it.to_be_bytes()))
}
