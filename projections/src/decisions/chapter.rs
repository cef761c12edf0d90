//! What occurs in some consecutive blocks of a lane, as far as they are of one segment.

use std::collections::{BTreeMap, BTreeSet};

use eventlog::usage::Place;
use schemas::usage::{Beside, Entry, EntryKind, References, SegmentPlace};

use crate::usage_feed::UsageBlock;

/// A chapter has the places that agree but for this many low bits.
pub(super) const PLACE_BITS: u32 = 5;

/// One block of a chapter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BlockNote {
    pub(super) place: Place,
    pub(super) earliest_us: i64,
    pub(super) latest_us: i64,
    /// How many entries the segment had before it, and has after it.
    pub(super) before: Numbered,
    pub(super) after: Numbered,
}

/// The kinds of entries, in the order of [`Numbered`].
pub(super) const KINDS: [EntryKind; 5] =
    [EntryKind::Subject, EntryKind::Organization, EntryKind::Token, EntryKind::Client, EntryKind::Text];

/// How many entries of each kind a segment has: what rows of single blocks are read with.
pub(super) type Numbered = [u32; KINDS.len()];

/// What the rows of some blocks refer to, by numbers of their segment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Occurring {
    /// The codes, by their stored numbers.
    pub(super) outcomes: BTreeSet<u32>,
    /// The organisations, one more than the number; 0: rows of none.
    pub(super) organizations: BTreeSet<u32>,
    /// By organisation, in the same way: the tokens of rows that have their token's usual organisation.
    pub(super) usual: BTreeMap<u32, BTreeSet<u32>>,
    /// The tokens of rows that have another organisation than their token's.
    pub(super) unusual: BTreeSet<u32>,
    /// The callers' tokens.
    pub(super) callers: BTreeSet<u32>,
    /// The clients of rows that have another client than their token's.
    pub(super) clients: BTreeSet<u32>,
}

/// A row of the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Chapter {
    pub(super) segment: SegmentPlace,
    /// The places of its blocks without their low bits.
    pub(super) number: u64,
    pub(super) earliest_us: i64,
    pub(super) latest_us: i64,
    /// The least and the greatest request counter of its rows.
    pub(super) counters: (u64, u64),
    /// Whether a row stands for several decisions.
    pub(super) is_folded: bool,
    /// In the order of their places.
    pub(super) blocks: Vec<BlockNote>,
    pub(super) occurring: Occurring,
}

/// The chapter of a place.
pub(super) fn chapter_of(place: Place) -> u64 {
    place.0 >> PLACE_BITS
}

impl Chapter {
    /// What a block amounts to alone.
    pub(super) fn of(block: &UsageBlock) -> Self {
        let header = block.header();
        let mut occurring = Occurring::default();
        occurring.organizations.extend(header.organizations().map(reference));
        let mut counters = (u64::MAX, 0);
        for (row, tenant) in block.block.references().zip(&block.tenants) {
            counters = joined(counters, (row.counter, row.counter));
            occurring.add(&row, *tenant);
        }
        Self {
            segment: header.place,
            number: chapter_of(block.place),
            earliest_us: header.earliest_us(),
            latest_us: header.latest_us(),
            counters,
            is_folded: block.block.references().any(|it| it.count > 1),
            blocks: vec![BlockNote::of(block)],
            occurring,
        }
    }

    /// And the blocks of another, which come later.
    pub(super) fn merge(&mut self, later: Self) {
        self.earliest_us = self.earliest_us.min(later.earliest_us);
        self.latest_us = self.latest_us.max(later.latest_us);
        self.counters = joined(self.counters, later.counters);
        self.is_folded |= later.is_folded;
        self.blocks.extend(later.blocks);
        self.occurring.merge(later.occurring);
    }

    /// The entries that the segment had before the chapter's first block.
    pub(super) fn before_all(&self) -> Numbered {
        self.blocks.first().map(|it| it.before).unwrap_or_default()
    }
}

impl Occurring {
    fn add(&mut self, row: &References, tenant: Option<u32>) {
        self.outcomes.insert(row.outcome.0.into());
        self.callers.extend(row.caller);
        if let Beside::Number(client) = row.client {
            self.clients.insert(client);
        }
        let Some(token) = row.token else { return };
        match row.organization {
            Beside::Usual => {
                self.usual.entry(reference(tenant)).or_default().insert(token);
            }
            Beside::None | Beside::Number(_) => {
                self.unusual.insert(token);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.outcomes.extend(other.outcomes);
        self.organizations.extend(other.organizations);
        for (organization, tokens) in other.usual {
            self.usual.entry(organization).or_default().extend(tokens);
        }
        self.unusual.extend(other.unusual);
        self.callers.extend(other.callers);
        self.clients.extend(other.clients);
    }

    /// Whether a row of that organisation may ask about one of these tokens.
    pub(super) fn may_have(&self, organization: Option<u32>, tokens: &BTreeSet<u32>) -> bool {
        let usual = self.usual.get(&reference(organization));
        tokens.iter().any(|it| self.unusual.contains(it) || usual.is_some_and(|usual| usual.contains(it)))
    }

    /// Whether a row's organisation is that one.
    pub(super) fn is_of(&self, row: &References, organization: Option<u32>) -> bool {
        match (row.organization, row.token) {
            (Beside::Number(number), _) => organization == Some(number),
            (Beside::None, _) | (Beside::Usual, None) => organization.is_none(),
            (Beside::Usual, Some(token)) => {
                self.usual.get(&reference(organization)).is_some_and(|it| it.contains(&token))
            }
        }
    }
}

impl BlockNote {
    fn of(block: &UsageBlock) -> Self {
        let header = block.header();
        let added = KINDS.map(|it| header.added(it));
        Self {
            place: block.place,
            earliest_us: header.earliest_us(),
            latest_us: header.latest_us(),
            before: added.clone().map(|it| it.start),
            after: added.map(|it| it.end),
        }
    }

    /// Whether the block adds that entry to its segment.
    pub(super) fn adds(&self, entry: Entry) -> bool {
        let kinds = KINDS.iter().zip(self.before.iter().zip(&self.after));
        let mut of_kind = kinds.filter(|(kind, _)| **kind == entry.kind).map(|(_, it)| it);
        of_kind.any(|(before, after)| *before <= entry.number && entry.number < *after)
    }
}

fn joined(one: (u64, u64), other: (u64, u64)) -> (u64, u64) {
    (one.0.min(other.0), one.1.max(other.1))
}

/// One more than the number, or 0 for none.
pub(super) fn reference(number: Option<u32>) -> u32 {
    number.map_or(0, |it| it.saturating_add(1))
}
