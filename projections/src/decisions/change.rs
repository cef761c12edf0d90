//! What a block changes in the index, in parts that each concern few rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemas::usage::{Beside, EntryKind, Opened, RecordedClient};

use super::chapter::Chapter;
use super::posting::{AddressKey, Entry, Name, day_of};
use super::segment::Segment;
use crate::runner::{MOST_KEYS, OfBlock};
use crate::usage_feed::UsageBlock;

/// A part of what a block changes.
#[derive(Clone, Debug)]
pub enum Change {
    /// The block's rows: where they lie, and what occurs in them.
    Rows(Box<Rows>),
    /// Tokens and organisations that it adds to its segment.
    Names(Names),
    /// Addresses of clients and tokens that it adds to its segment.
    Addresses(Addresses),
}

/// What a block's rows amount to.
#[derive(Clone, Debug)]
pub struct Rows {
    pub(super) segment: Segment,
    pub(super) chapter: Chapter,
}

/// Things that a block adds to its segment, on that day.
#[derive(Clone, Debug)]
pub struct Names {
    pub(super) day: i64,
    pub(super) added: Vec<(Name, Entry)>,
}

/// Addresses by which a block's new clients and tokens are found, on that day.
#[derive(Clone, Debug)]
pub struct Addresses {
    pub(super) day: i64,
    pub(super) added: Vec<Added>,
}

/// What one subject's address newly leads to.
#[derive(Clone, Debug)]
pub(super) struct Added {
    pub(super) address: AddressKey,
    pub(super) subject: String,
    pub(super) clients: Vec<Entry>,
    pub(super) tokens: Vec<Entry>,
}

impl OfBlock for Change {
    fn of_block(block: &UsageBlock) -> Vec<Self> {
        let day = day_of(block.header().earliest_us());
        let rows = Rows { segment: Segment::of(block), chapter: Chapter::of(block) };
        let mut changes = vec![Self::Rows(Box::new(rows))];
        for added in names(block).chunks(MOST_KEYS) {
            changes.push(Self::Names(Names { day, added: added.to_vec() }));
        }
        for added in addresses(block).chunks(MOST_KEYS) {
            changes.push(Self::Addresses(Addresses { day, added: added.to_vec() }));
        }
        changes
    }
}

fn names(block: &UsageBlock) -> Vec<(Name, Entry)> {
    let segment = block.header().place;
    let entry = |number| Entry { segment, number };
    let organizations = block.block.organizations();
    let organizations = organizations.map(|(number, id)| (Name::Organization(id), entry(number)));
    let tokens = block.block.tokens();
    let tokens = tokens.map(|it| (Name::Token(it.credential.token), entry(it.number)));
    organizations.chain(tokens).collect()
}

fn addresses(block: &UsageBlock) -> Vec<Added> {
    let segment = block.header().place;
    let mut found = BTreeMap::new();
    let numbers = block.header().added(EntryKind::Client);
    for (number, client) in numbers.zip(&block.clients) {
        if let Some(added) = added(&mut found, client) {
            added.clients.push(Entry { segment, number });
        }
    }
    for (number, client) in usual_clients(block) {
        if let Some(added) = added(&mut found, client) {
            added.tokens.push(Entry { segment, number });
        }
    }
    found.into_values().collect()
}

/// The new tokens that have a usual client, each with that. One of the rows that use it added it, for a
/// token that only asks has no usual client.
fn usual_clients(block: &UsageBlock) -> Vec<(u32, &Arc<RecordedClient>)> {
    let added = block.block.tokens().filter(|it| it.client.is_some());
    let mut waiting: BTreeSet<u32> = added.map(|it| it.number).collect();
    let mut found = Vec::with_capacity(waiting.len());
    for (row, decision) in block.block.references().zip(&block.decisions) {
        let Some(token) = row.token.filter(|_| row.client == Beside::Usual) else { continue };
        if let Some(client) = decision.client.as_ref().filter(|_| waiting.remove(&token)) {
            found.push((token, client));
        }
    }
    found
}

fn added<'a>(
    found: &'a mut BTreeMap<(AddressKey, String), Added>,
    client: &RecordedClient,
) -> Option<&'a mut Added> {
    let Opened::Open(details) = &client.details else { return None };
    let (address, subject) = (AddressKey::of(details.address?), client.subject.to_string());
    let nothing =
        Added { address: address.clone(), subject: subject.clone(), clients: vec![], tokens: vec![] };
    Some(found.entry((address, subject)).or_insert(nothing))
}
