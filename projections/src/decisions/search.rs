//! One search: from what is looked for to a page of decisions.

use std::collections::{BTreeSet, HashMap};

use eventlog::usage::{Lane, Place};
use schemas::usage::{Block, Locator, SegmentPlace};

use super::index::{Index, by_segment};
use super::order::Order;
use super::page::RowPlace;
use super::posting::{AddressRow, Name};
use super::resolve::Resolver;
use super::terms::{Clients, Terms, TermsBySegment};
use super::walk::{Next, Walk};
use super::{DecisionError, DecisionFilter, DecisionPage, DecisionQuery, FoundDecision, Reach};
use crate::runner::QueryError;
use crate::usage_feed::UsageFeed;

/// What a page reads at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Rows of addresses; a search for a block that has more looks at the rows of decisions instead.
    pub(super) addresses: usize,
    /// Chapters, to find blocks.
    pub(super) chapters: usize,
    /// Blocks.
    pub(super) blocks: usize,
}

/// Rows whose texts are looked at together.
const ROWS_AT_ONCE: usize = 64;

pub(super) struct Search<'a> {
    index: &'a Index,
    resolver: Resolver<'a>,
    query: &'a DecisionQuery,
    found: Vec<(FoundDecision, Lane, RowPlace)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(index: &'a Index, feed: &'a UsageFeed, query: &'a DecisionQuery) -> Self {
        Self { index, resolver: Resolver::new(index, feed), query, found: Vec::new() }
    }

    /// A page, with at least one block looked at where there is one.
    pub(super) async fn page(mut self, budget: Budget) -> Result<DecisionPage, DecisionError> {
        let DecisionQuery { reach, filter, walk, limit } = self.query;
        let ends = self.index.ends().await?;
        let terms = terms(self.index, *reach, filter, budget.addresses).await?;
        let places: Vec<SegmentPlace> = terms.keys().copied().collect();
        let mut segments = self.index.segments(&places).await?;
        segments.retain(|it| filter.overlaps(it.earliest_us, it.latest_us));
        let mut through = Walk::through(segments, terms, walk, &ends);
        let mut chapters = budget.chapters;
        while self.found.len() <= *limit && self.resolver.blocks_read() < budget.blocks {
            let Some(next) = through.next(self.index, filter, &mut chapters).await? else { break };
            self.look_at(&next, walk.order()).await?;
        }
        // One more than wanted says that there is more, and where.
        if let Some((_, lane, row)) = self.found.get(*limit) {
            through.stop(*lane, *row);
        }
        self.found.truncate(*limit);
        let next = through.rest().map(|bounds| walk.on(bounds));
        let decisions = self.found.into_iter().map(|(it, _, _)| it).collect();
        Ok(DecisionPage { decisions, next, position: ends })
    }

    /// Finds the rows of a block that are looked for.
    async fn look_at(&mut self, next: &Next, order: Order) -> Result<(), DecisionError> {
        let place = next.candidate.note.place;
        let block = self.resolver.block(next.lane, place).await?;
        let mut rows = rows_of(&block, next, order, &self.query.filter);
        if order == Order::NewestFirst {
            rows.reverse();
        }
        let mut rows = rows.as_slice();
        loop {
            let lacking = (self.query.limit + 1).saturating_sub(self.found.len());
            // Where nothing decides that the index does not know, all rows are found.
            let looks_at_addresses = self.query.filter.ip.is_some() && next.terms.clients.is_none();
            let looks = looks_at_addresses || self.query.filter.looks_at_texts();
            let enough = if looks { ROWS_AT_ONCE } else { lacking };
            let (some, others) = rows.split_at_checked(enough).unwrap_or((rows, &[]));
            if some.is_empty() || lacking == 0 {
                return Ok(());
            }
            self.take(next, &block, place, some).await?;
            rows = others;
        }
    }

    async fn take(
        &mut self,
        next: &Next,
        block: &Block,
        place: Place,
        rows: &[usize],
    ) -> Result<(), DecisionError> {
        let wanted: BTreeSet<usize> = rows.iter().copied().collect();
        let read = self.resolver.rows(place, &next.candidate.chapter, &wanted).await?;
        let mut read: HashMap<usize, _> = wanted.into_iter().zip(read).collect();
        for row in rows {
            let decision = read.remove(row).filter(|it| self.query.filter.accepts(it));
            let Some(decision) = decision else { continue };
            let found = FoundDecision::of(block, decision);
            let row = RowPlace { place: place.0, row: u32::try_from(*row).unwrap_or(u32::MAX) };
            self.found.push((found, next.lane, row));
        }
        Ok(())
    }
}

impl FoundDecision {
    pub(super) fn of(block: &Block, decision: schemas::usage::RecordedDecision) -> Self {
        let header = block.header();
        let locator = Locator {
            node_start: header.place.node_start,
            lane: header.place.lane,
            counter: decision.counter,
        };
        Self { locator, incarnation: header.incarnation, decision }
    }
}

/// The rows of a block that are looked for, as far as the index and the block say, in their order.
fn rows_of(block: &Block, next: &Next, order: Order, filter: &DecisionFilter) -> Vec<usize> {
    let (place, chapter) = (next.candidate.note.place.0, &next.candidate.chapter);
    let is_wanted = |row: usize| {
        let row = RowPlace { place, row: u32::try_from(row).unwrap_or(u32::MAX) };
        order.is_beyond(next.bound, row)
    };
    let rows = block.references().enumerate();
    let rows = rows.filter(|(row, it)| is_wanted(*row) && next.terms.accept(it, chapter, filter));
    rows.map(|(row, _)| row).collect()
}

/// What is looked for, in each segment where all of it occurs.
async fn terms(
    index: &Index,
    reach: Reach,
    filter: &DecisionFilter,
    addresses: usize,
) -> Result<TermsBySegment, QueryError> {
    let mut terms = of_reach(index, reach, filter).await?;
    if let Some(token) = filter.token {
        let entries = index.name(Name::Token(token.bits()), filter).await?;
        narrow(&mut terms, by_segment(&entries), |terms, numbers| terms.tokens = Some(numbers));
    }
    if let Some(caller) = filter.caller {
        let entries = index.name(Name::Token(caller.bits()), filter).await?;
        narrow(&mut terms, by_segment(&entries), |terms, numbers| terms.callers = Some(numbers));
    }
    if let Some(block) = filter.ip
        && let Some(rows) = index.addresses(block, filter, addresses).await?
    {
        let mut clients = clients(&rows);
        terms.retain(|segment, terms| {
            terms.clients = clients.remove(segment);
            terms.clients.is_some()
        });
    }
    Ok(terms)
}

async fn of_reach(
    index: &Index,
    reach: Reach,
    filter: &DecisionFilter,
) -> Result<TermsBySegment, QueryError> {
    let Some(organization) = reach.organization() else {
        let segments = index.of_nobody().await?;
        return Ok(segments.into_iter().map(|it| (it, Terms::default())).collect());
    };
    let entries = index.name(Name::Organization(organization), filter).await?;
    let of = |number| Terms { organization: Some(number), ..Terms::default() };
    Ok(entries.into_iter().map(|it| (it.segment, of(it.number))).collect())
}

/// Keeps the segments in which that occurs too.
fn narrow(
    terms: &mut TermsBySegment,
    mut found: HashMap<SegmentPlace, Vec<u32>>,
    set: impl Fn(&mut Terms, BTreeSet<u32>),
) {
    terms.retain(|segment, terms| match found.remove(segment) {
        Some(numbers) => {
            set(terms, numbers.into_iter().collect());
            true
        }
        None => false,
    });
}

fn clients(rows: &[AddressRow]) -> HashMap<SegmentPlace, Clients> {
    let mut found: HashMap<SegmentPlace, Clients> = HashMap::new();
    for row in rows {
        for it in &row.clients {
            found.entry(it.segment).or_default().numbers.insert(it.number);
        }
        for it in &row.tokens {
            found.entry(it.segment).or_default().tokens.insert(it.number);
        }
    }
    found
}
