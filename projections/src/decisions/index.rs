//! What is asked of the index's tables.

use std::collections::HashMap;

use domain::time::Timestamp;
use eventlog::usage::{Lane, Place};
use ipnet::IpNet;
use schemas::usage::{Address, Entry as Numbered, EntryKind, NodeStart, SegmentPlace};
use store::Value;

use super::chapter::Chapter;
use super::chapter_row::CHAPTERS;
use super::filter::canonical;
use super::posting::{ADDRESSES, AddressKey, AddressRow, Entry, Name, NameRow, day_of, digits};
use super::segment::{SEGMENTS, Segment, node_start_text, segment_text};
use super::{DecisionFilter, Order};
use crate::runner::{Conditions, QueryError, Record, Table, View};

/// Chapters that are read at once.
const CHAPTERS_AT_ONCE: u64 = 16;
/// Segments that are read at once.
const SEGMENTS_AT_ONCE: usize = 512;
/// The last day that can be written, and the first.
const DAYS: (i64, i64) = (0, 999_999);

/// The index, as queries see it.
#[derive(Clone)]
pub(super) struct Index {
    view: View,
}

impl Index {
    pub(super) fn new(view: View) -> Self {
        Self { view }
    }

    pub(super) fn view(&self) -> &View {
        &self.view
    }

    /// Up to where each lane is in the index.
    pub(super) async fn ends(&self) -> Result<Vec<(Lane, Place)>, QueryError> {
        let sql = "SELECT s.lane, MAX(s.last) FROM decisions.segments AS s GROUP BY s.lane ORDER BY s.lane";
        let rows = self.view.query(sql, vec![]).await?;
        self.view.read(&rows, |row| {
            let lane = u16::try_from(row.int(0)?).map_err(|_| super::bytes::damaged())?;
            Ok((Lane(lane), Place(row.unsigned(1)?)))
        })
    }

    /// Where a name occurs on the days that the filter asks for.
    pub(super) async fn name(&self, name: Name, filter: &DecisionFilter) -> Result<Vec<Entry>, QueryError> {
        let (first, last) = days(filter);
        let sql = "SELECT n.id, n.entries FROM decisions.names AS n WHERE n.id >= $1 AND n.id <= $2";
        let rows = self.view.query(sql, vec![name.id(first).into(), name.id(last).into()]).await?;
        let rows = self.view.read(&rows, NameRow::from_row)?;
        Ok(rows.into_iter().flat_map(|it| it.entries).collect())
    }

    /// Where addresses of a block occur on the days that the filter asks for; none where the block has more than
    /// `most` rows, of which no more are read.
    pub(super) async fn addresses(
        &self,
        block: IpNet,
        filter: &DecisionFilter,
        most: usize,
    ) -> Result<Option<Vec<AddressRow>>, QueryError> {
        let mut conditions = Conditions::default();
        let block = canonical(block);
        let mut ranges = vec![(digits(block.network()), digits(block.broadcast()))];
        ranges.extend(network_around(block).map(|it| (it.0.clone(), it.0)));
        let ranges = ranges.into_iter().map(|(first, last)| {
            // Behind an address stand a full stop or `n`, digits and more: all of it sorts before `z`.
            let (first, last) = (conditions.arg(first), conditions.arg(format!("{last}z")));
            format!("(a.id >= {first} AND a.id <= {last})")
        });
        let ranges: Vec<String> = ranges.collect();
        conditions.any(&ranges);
        let limit = conditions.arg(most.saturating_add(1) as u64);
        let (clause, args) = conditions.finish();
        let columns = columns("a", &ADDRESSES);
        let sql = format!("SELECT {columns} FROM decisions.addresses AS a{clause} LIMIT {limit}");
        let rows = self.view.query(&sql, args).await?;
        if most < rows.len() {
            return Ok(None);
        }
        let mut rows = self.view.read(&rows, AddressRow::from_row)?;
        let (first, last) = days(filter);
        rows.retain(|it| first <= it.day && it.day <= last);
        Ok(Some(rows))
    }

    /// The segments that have rows of no organisation.
    pub(super) async fn of_nobody(&self) -> Result<Vec<SegmentPlace>, QueryError> {
        let sql = format!("SELECT {} FROM decisions.segments AS s WHERE s.has_none", columns("s", &SEGMENTS));
        let rows = self.view.query(&sql, vec![]).await?;
        let segments = self.view.read(&rows, Segment::from_row)?;
        Ok(segments.into_iter().map(|it| it.place).collect())
    }

    pub(super) async fn segments(&self, places: &[SegmentPlace]) -> Result<Vec<Segment>, QueryError> {
        let mut segments = Vec::with_capacity(places.len());
        for places in places.chunks(SEGMENTS_AT_ONCE) {
            let mut conditions = Conditions::default();
            conditions.one_of("s.id", places.iter().map(|it| segment_text(*it)).collect::<Vec<_>>());
            let (clause, args) = conditions.finish();
            let sql = format!("SELECT {} FROM decisions.segments AS s{clause}", columns("s", &SEGMENTS));
            let rows = self.view.query(&sql, args).await?;
            segments.extend(self.view.read(&rows, Segment::from_row)?);
        }
        Ok(segments)
    }

    /// The next chapters of a segment, from that number on, that lie in the filter's time.
    pub(super) async fn chapters(
        &self,
        segment: SegmentPlace,
        from: u64,
        order: Order,
        filter: &DecisionFilter,
    ) -> Result<Vec<Chapter>, QueryError> {
        let mut conditions = Conditions::default();
        conditions.compare("c.segment", "=", segment_text(segment));
        conditions.compare("c.number", order.or_beyond(), from);
        conditions.compare_if("c.latest", ">=", filter.from.map(Timestamp::micros));
        conditions.compare_if("c.earliest", "<", filter.to.map(Timestamp::micros));
        let limit = conditions.arg(CHAPTERS_AT_ONCE);
        let (clause, args) = conditions.finish();
        let order = order.direction();
        self.read_chapters(&format!("{clause} ORDER BY c.number {order} LIMIT {limit}"), args).await
    }

    /// The chapter in which a block adds an entry to its segment.
    pub(super) async fn adding(
        &self,
        segment: SegmentPlace,
        entry: Numbered,
    ) -> Result<Option<Chapter>, QueryError> {
        let column = match entry.kind {
            EntryKind::Subject => "subjects",
            EntryKind::Organization => "organizations",
            EntryKind::Token => "tokens",
            EntryKind::Client => "clients",
            EntryKind::Text => "texts",
        };
        let clause = format!(
            " WHERE c.segment = $1 AND c.{column} <= $2 ORDER BY c.{column} DESC, c.number DESC LIMIT 1"
        );
        let args = vec![segment_text(segment).into(), i64::from(entry.number).into()];
        Ok(self.read_chapters(&clause, args).await?.pop())
    }

    /// The last chapters of a node start that have a counter up to that one.
    pub(super) async fn before_counter(
        &self,
        node_start: NodeStart,
        lane: Lane,
        counter: u64,
        only: &str,
    ) -> Result<Vec<Chapter>, QueryError> {
        let clause = format!(
            " WHERE c.node_start = $1 AND c.lane = $2 AND c.counter_least <= $3{only} \
             ORDER BY c.counter_least DESC LIMIT $4"
        );
        let args: Vec<Value> = vec![
            node_start_text(node_start).into(),
            i64::from(lane.0).into(),
            counter.into(),
            CHAPTERS_AT_ONCE.into(),
        ];
        self.read_chapters(&clause, args).await
    }

    async fn read_chapters(&self, clause: &str, args: Vec<Value>) -> Result<Vec<Chapter>, QueryError> {
        let sql = format!("SELECT {} FROM decisions.chapters AS c{clause}", columns("c", &CHAPTERS));
        let rows = self.view.query(&sql, args).await?;
        self.view.read(&rows, Chapter::from_row)
    }
}

/// By segment, the numbers of what occurs there.
pub(super) fn by_segment(entries: &[Entry]) -> HashMap<SegmentPlace, Vec<u32>> {
    let mut found: HashMap<SegmentPlace, Vec<u32>> = HashMap::new();
    for Entry { segment, number } in entries {
        found.entry(*segment).or_default().push(*number);
    }
    found
}

/// Blocks are kept with the day of their first row; rows of others lie within a day of it.
fn days(filter: &DecisionFilter) -> (i64, i64) {
    let day = |it: Timestamp| day_of(it.micros());
    let first = filter.from.map_or(DAYS.0, |it| day(it) - 1);
    let last = filter.to.map_or(DAYS.1, |it| day(it) + 1);
    (first.clamp(DAYS.0, DAYS.1), last.clamp(DAYS.0, DAYS.1))
}

/// The network that unproven secrets from a block are counted by, if it is wider than the block.
fn network_around(block: IpNet) -> Option<AddressKey> {
    let network = Address::network(block.network());
    let is_wider = match network {
        Address::Network24(_) => 24 < block.prefix_len(),
        Address::Network48(_) => 48 < block.prefix_len(),
        Address::Ip(_) => false,
    };
    is_wider.then(|| AddressKey::of(network))
}

fn columns(alias: &str, table: &Table) -> String {
    let columns = table.columns.iter().map(|column| format!("{alias}.{column}"));
    columns.collect::<Vec<_>>().join(", ")
}
