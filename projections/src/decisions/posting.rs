//! Under which numbers a thing occurs in the segments of a day.
//!
//! `entries`: how many, then for each: node start (as one number), lane, segment, number in the segment; as
//! [`bytes`](super::bytes) says.

use std::net::IpAddr;

use domain::ids::{OrganizationId, TokenId};
use schemas::usage::{Address, NodeStart, SegmentPlace};
use store::{Row, SqlError, Value};

use super::bytes::{Reader, Writer, damaged};
use crate::runner::{Id, Left, Personal, Record, Table};

const DAY_US: i64 = 86_400_000_000;

/// The day of an instant (microseconds since 1970 UTC), counted from 1970-01-01.
pub(super) fn day_of(time_us: i64) -> i64 {
    time_us.div_euclid(DAY_US)
}

/// A thing by its number in a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) segment: SegmentPlace,
    pub(super) number: u32,
}

/// What is numbered in segments and stands in blocks in clear.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Name {
    /// A token, by all its secret versions.
    Token(u128),
    /// An organisation.
    Organization(u128),
}

impl Name {
    /// The key of a day's row; those of a name sort by day.
    pub(super) fn id(self, day: i64) -> String {
        match self {
            Self::Token(id) => format!("{}.{day:06}", TokenId::from_bits(id)),
            Self::Organization(id) => format!("{}.{day:06}", OrganizationId::from_bits(id)),
        }
    }
}

/// Where a name occurs on a day.
pub(super) struct NameRow {
    pub(super) id: String,
    pub(super) entries: Vec<Entry>,
}

pub(super) const NAMES: Table = Table {
    name: "names",
    columns: &["id", "entries"],
    ddl: "CREATE TABLE IF NOT EXISTS decisions.names (
        id TEXT PRIMARY KEY NOT NULL,
        entries BYTEA NOT NULL
    )",
    indexes: &[],
    personal: &[],
};

impl Record for NameRow {
    const TABLE: &'static Table = &NAMES;

    fn id(&self) -> Id {
        self.id.as_str().into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![self.id.into(), write(&self.entries).into()]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self { id: row.text(0)?.to_owned(), entries: read(row.blob(1)?)? })
    }
}

/// Where an address occurs on a day, as one subject's.
pub(super) struct AddressRow {
    pub(super) address: AddressKey,
    pub(super) day: i64,
    /// Whose personal datum it is.
    pub(super) subject: String,
    /// Clients of that address.
    pub(super) clients: Vec<Entry>,
    /// Tokens that are usually used by one of them.
    pub(super) tokens: Vec<Entry>,
}

pub(super) const ADDRESSES: Table = Table {
    name: "addresses",
    columns: &["id", "subject", "clients", "tokens"],
    ddl: "CREATE TABLE IF NOT EXISTS decisions.addresses (
        id TEXT PRIMARY KEY NOT NULL,
        subject TEXT NOT NULL,
        clients BYTEA NOT NULL,
        tokens BYTEA NOT NULL
    )",
    indexes: &["CREATE INDEX IF NOT EXISTS addresses_by_subject ON decisions.addresses (subject)"],
    personal: &[Personal { subject: "subject", left: Left::Nothing }],
};

/// An address, or a network that unproven secrets are counted by, as text that sorts as addresses do, each
/// family apart: `4` or `6` and the hexadecimal digits of the first address; of a network, `n` and its length behind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct AddressKey(pub(super) String);

impl AddressKey {
    pub(super) fn of(address: Address) -> Self {
        match address {
            Address::Ip(ip) => Self(digits(ip)),
            Address::Network24([a, b, c]) => Self(format!("{}n24", digits([a, b, c, 0].into()))),
            Address::Network48(octets) => {
                let mut first = [0; 16];
                first.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
                Self(format!("{}n48", digits(first.into())))
            }
        }
    }
}

/// The digits of an address, behind its family.
pub(super) fn digits(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => format!("4{:08x}", u32::from(ip)),
        IpAddr::V6(ip) => format!("6{:032x}", u128::from(ip)),
    }
}

impl AddressRow {
    /// The key of a day's row; those of an address stand together, and addresses sort.
    pub(super) fn id_of(address: &AddressKey, day: i64, subject: &str) -> String {
        format!("{}.{day:06}.{subject}", address.0)
    }

    fn read_id(id: &str, subject: &str) -> Option<(AddressKey, i64)> {
        let (address, day) = id.strip_suffix(subject)?.strip_suffix('.')?.split_once('.')?;
        Some((AddressKey(address.to_owned()), day.parse().ok()?))
    }
}

impl Record for AddressRow {
    const TABLE: &'static Table = &ADDRESSES;

    fn id(&self) -> Id {
        Self::id_of(&self.address, self.day, &self.subject).into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![
            Value::from(&self.id()),
            self.subject.into(),
            write(&self.clients).into(),
            write(&self.tokens).into(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let subject = row.text(1)?;
        let (address, day) = Self::read_id(row.text(0)?, subject).ok_or_else(damaged)?;
        let (clients, tokens) = (read(row.blob(2)?)?, read(row.blob(3)?)?);
        Ok(Self { address, day, subject: subject.to_owned(), clients, tokens })
    }
}

fn write(entries: &[Entry]) -> Vec<u8> {
    let mut out = Writer::default();
    out.count(entries.len());
    for Entry { segment, number } in entries {
        out.number(u64::from_be_bytes(segment.node_start.0));
        out.number(segment.lane);
        out.number(segment.segment);
        out.number(*number);
    }
    out.finish()
}

fn read(column: &[u8]) -> Result<Vec<Entry>, SqlError> {
    let mut input = Reader::over(column)?;
    let length: u32 = input.number()?;
    let entry = |_| {
        let node_start = NodeStart(input.number::<u64>()?.to_be_bytes());
        let segment = SegmentPlace { node_start, lane: input.number()?, segment: input.number()? };
        Ok(Entry { segment, number: input.number()? })
    };
    let entries: Result<Vec<_>, SqlError> = (0..length).map(entry).collect();
    let entries = entries?;
    if input.is_over() { Ok(entries) } else { Err(damaged()) }
}
