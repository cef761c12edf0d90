//! From a request id to its row.

use std::collections::BTreeSet;
use std::sync::Arc;

use eventlog::usage::{Lane, Place};
use schemas::usage::{Locator, References};

use super::chapter::Chapter;
use super::index::Index;
use super::resolve::Resolver;
use super::{DecisionError, FoundDecision};
use crate::usage_feed::UsageFeed;

/// A row, by where it lies.
struct At {
    chapter: Arc<Chapter>,
    place: Place,
    row: usize,
    references: References,
}

/// The row that has the counter of `locator`, or else the rows that may count it.
pub(super) async fn find(
    index: &Index,
    feed: &UsageFeed,
    locator: Locator,
) -> Result<Vec<FoundDecision>, DecisionError> {
    let Locator { node_start, lane, counter } = locator;
    let mut resolver = Resolver::new(index, feed);
    let holding = " AND c.counter_greatest >= $3";
    for chapter in index.before_counter(node_start, Lane(lane), counter, holding).await? {
        let rows = rows(&mut resolver, chapter, |it| it.counter == counter).await?;
        if !rows.is_empty() {
            return read(&mut resolver, &rows).await;
        }
    }
    let counting = counting(index, &mut resolver, locator).await?;
    read(&mut resolver, &counting).await
}

/// Unproven secrets are counted by the second, in rows that have the counter of the first that they count. So a
/// counter that no row has is counted by a row of the last such second that begins before it.
async fn counting(
    index: &Index,
    resolver: &mut Resolver<'_>,
    locator: Locator,
) -> Result<Vec<At>, DecisionError> {
    let Locator { node_start, lane, counter } = locator;
    let mut near = Vec::new();
    for chapter in index.before_counter(node_start, Lane(lane), counter, " AND c.is_folded").await? {
        near.extend(rows(resolver, chapter, |_| true).await?);
    }
    let begins_before = |it: &&At| is_counting(it) && it.references.counter < counter;
    let second = near.iter().filter(begins_before).map(|it| it.references.time_us).max();
    let Some(second) = second else { return Ok(Vec::new()) };
    let last = index.before_counter(node_start, Lane(lane), u64::MAX >> 1, "").await?;
    if !last.iter().any(|it| counter < it.counters.1) && end_of(&near, second) <= counter {
        // Nothing later is recorded, and what is recorded does not come that far.
        return Ok(Vec::new());
    }
    near.retain(|it| begins_before(&it) && it.references.time_us == second);
    Ok(near)
}

fn is_counting(at: &At) -> bool {
    1 < at.references.count
}

/// The counter behind those that the rows stand for, from the first that is counted in that second on: each
/// counter is counted once.
fn end_of(near: &[At], second: i64) -> u64 {
    let in_second = |it: &&At| is_counting(it) && it.references.time_us == second;
    let first = near.iter().filter(in_second).map(|it| it.references.counter).min().unwrap_or_default();
    let after = near.iter().filter(|it| first <= it.references.counter);
    after.fold(first, |end, it| end.saturating_add(it.references.count))
}

/// The rows of a chapter that are meant.
async fn rows(
    resolver: &mut Resolver<'_>,
    chapter: Chapter,
    is_meant: impl Fn(&References) -> bool,
) -> Result<Vec<At>, DecisionError> {
    let (chapter, mut found) = (Arc::new(chapter), Vec::new());
    for note in &chapter.blocks {
        let block = resolver.block(Lane(chapter.segment.lane), note.place).await?;
        let meant = block.references().enumerate().filter(|(_, it)| is_meant(it));
        let at = |(row, references)| At { chapter: Arc::clone(&chapter), place: note.place, row, references };
        found.extend(meant.map(at));
    }
    Ok(found)
}

async fn read(resolver: &mut Resolver<'_>, rows: &[At]) -> Result<Vec<FoundDecision>, DecisionError> {
    let mut found = Vec::with_capacity(rows.len());
    for At { chapter, place, row, .. } in rows {
        let block = resolver.block(Lane(chapter.segment.lane), *place).await?;
        let decisions = resolver.rows(*place, chapter, &BTreeSet::from([*row])).await?;
        found.extend(decisions.into_iter().map(|it| FoundDecision::of(&block, it)));
    }
    Ok(found)
}
