//! What a segment numbers, and what of it stands in a block in clear.

use std::ops::Range;

use super::block::Block;
use super::header::{Header, Numbered};
use super::reader::{Rows, beside};
use super::row::Row;
use super::segment::{Token, tokens};
use super::{Credential, Outcome};

/// The kinds of things that a segment numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Subjects of data keys.
    Subject,
    /// Organisations.
    Organization,
    /// Secret versions of tokens.
    Token,
    /// Clients.
    Client,
    /// Texts that callers wrote.
    Text,
}

/// A thing by its number in the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Its kind.
    pub kind: EntryKind,
    /// Its number among those of its kind, from 0.
    pub number: u32,
}

/// What a row says where the token's entry names a usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// What the entry of the row's token names, which may be none; none where the row has no token.
    Usual,
    /// None, whatever is usual.
    None,
    /// That one.
    Number(u32),
}

/// What one row refers to, by numbers of the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct References {
    /// Ledger time in microseconds since 1970 UTC.
    pub time_us: i64,
    /// The lane's request counter.
    pub counter: u64,
    /// The token asked about.
    pub token: Option<u32>,
    /// The caller's token.
    pub caller: Option<u32>,
    /// Who called.
    pub client: Beside,
    /// The organisation.
    pub organization: Beside,
    /// The code answered.
    pub outcome: Outcome,
    /// The text of the permission asked for.
    pub permission: Option<u32>,
    /// The text of the endpoint asked for.
    pub endpoint: Option<u32>,
    /// Whether the caller gave its own id of the request.
    pub has_client_request_id: bool,
    /// How many decisions the row stands for.
    pub count: u64,
}

/// What a segment says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenEntry {
    /// Its number in the segment.
    pub number: u32,
    /// Which token and secret version.
    pub credential: Credential,
    /// Its usual organisation's number.
    pub organization: Option<u32>,
    /// Its usual client's number.
    pub client: Option<u32>,
}

impl Header {
    /// The numbers of the things of a kind that the block adds to its segment.
    pub fn added(&self, kind: EntryKind) -> Range<u32> {
        let numbering = &self.numbering;
        let added = match kind {
            EntryKind::Subject => numbering.subjects,
            EntryKind::Organization => numbering.organizations,
            EntryKind::Token => numbering.tokens,
            EntryKind::Client => numbering.clients,
            EntryKind::Text => numbering.texts,
        };
        range(added)
    }

    /// The organisations that have decisions in the block, by number; none: decisions of no
    /// organisation.
    pub fn organizations(&self) -> impl Iterator<Item = Option<u32>> + '_ {
        self.counts.iter().map(|it| number(it.organization))
    }
}

impl Block {
    /// What each row refers to, without any key.
    pub fn references(&self) -> impl Iterator<Item = References> + '_ {
        let mut rows = Rows::of(self);
        self.columns.rows.rows().map(move |row| {
            rows.step(&row);
            references(&row, rows.time_us(), rows.counter())
        })
    }

    /// The tokens that the block adds to its segment.
    pub fn tokens(&self) -> impl Iterator<Item = TokenEntry> + '_ {
        let numbered = range(self.header.numbering.tokens).zip(tokens(&self.columns));
        numbered.map(|(at, Token { credential, organization, client })| TokenEntry {
            number: at,
            credential,
            organization: number(organization),
            client: number(client),
        })
    }

    /// The organisations that the block adds to its segment: number and id.
    pub fn organizations(&self) -> impl Iterator<Item = (u32, u128)> + '_ {
        range(self.header.numbering.organizations).zip(self.columns.organization_ids.iter().copied())
    }
}

fn range(numbered: Numbered) -> Range<u32> {
    numbered.before..numbered.after()
}

fn references(row: &Row, time_us: i64, counter: u64) -> References {
    References {
        time_us,
        counter,
        token: number(row.token),
        caller: number(row.caller),
        client: stated(row.client),
        organization: stated(row.organization),
        // Decoding a block has refused greater numbers.
        outcome: Outcome(u16::try_from(row.outcome).unwrap_or_default()),
        permission: number(row.permission),
        endpoint: number(row.endpoint),
        has_client_request_id: row.client_request_id != 0,
        count: row.more.saturating_add(1),
    }
}

/// References are one more than the number, and 0 for none.
pub(super) fn number(reference: u64) -> Option<u32> {
    u32::try_from(reference.checked_sub(1)?).ok()
}

fn stated(value: u64) -> Beside {
    match value {
        0 => Beside::Usual,
        value => number(beside(0, value)).map_or(Beside::None, Beside::Number),
    }
}
