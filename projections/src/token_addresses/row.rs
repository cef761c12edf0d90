use std::net::IpAddr;
use std::sync::Arc;

use domain::ids::{OrganizationId, TokenId};
use store::{Row, SqlError, Value};

use super::{AddressHour, Sightings};
use crate::network;
use crate::runner::{Id, Left, Personal, Record, Table, columns};

pub(super) const ADDRESSES: Table = Table {
    name: "addresses",
    columns: &[
        "id",
        "token",
        "subject",
        "address",
        "organization",
        "first_seen",
        "last_seen",
        "calls",
        "user_agents",
        "address_key",
    ],
    ddl: "CREATE TABLE IF NOT EXISTS token_addresses.addresses (
        id TEXT PRIMARY KEY NOT NULL,
        token TEXT NOT NULL,
        subject TEXT NOT NULL,
        address TEXT NOT NULL,
        organization TEXT,
        first_seen BIGINT NOT NULL,
        last_seen BIGINT NOT NULL,
        calls BIGINT NOT NULL,
        user_agents TEXT NOT NULL,
        address_key BYTEA NOT NULL
    )",
    indexes: &[
        "CREATE INDEX IF NOT EXISTS addresses_by_token ON token_addresses.addresses (token, first_seen, id)",
        "CREATE INDEX IF NOT EXISTS addresses_by_address \
         ON token_addresses.addresses (organization, address_key, token)",
        "CREATE INDEX IF NOT EXISTS addresses_by_subject ON token_addresses.addresses (subject)",
    ],
    personal: &[Personal { subject: "subject", left: Left::Nothing }],
};

/// An address that a token was used from.
///
/// The subject is a part of the key too: one address seen under two subjects is two rows, of which an erasure takes
/// one. It is the token's holder, and once that is erased, the day's unknown callers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenAddress {
    /// The token.
    pub token: TokenId,
    /// Whose key seals the address: the holder's.
    pub subject: Arc<str>,
    /// The address.
    pub address: IpAddr,
    /// The token's organisation; nothing for operators' tokens.
    pub organization: Option<OrganizationId>,
    /// What was seen.
    pub sightings: Sightings,
}

/// The key of the row that an hour is folded into: token, address, subject.
pub(super) fn id(token: TokenId, address: IpAddr, subject: &str) -> String {
    format!("{token}/{address}/{subject}")
}

impl From<AddressHour> for SeenAddress {
    fn from(hour: AddressHour) -> Self {
        let AddressHour { token, subject, address, organization, sightings, .. } = hour;
        Self { token, subject, address, organization, sightings }
    }
}

impl Record for SeenAddress {
    const TABLE: &'static Table = &ADDRESSES;

    fn id(&self) -> Id {
        id(self.token, self.address, &self.subject).into()
    }

    fn into_values(self) -> Vec<Value> {
        let Sightings { first_seen, last_seen, calls, user_agents } = self.sightings;
        vec![
            id(self.token, self.address, &self.subject).into(),
            columns::text(&self.token),
            self.subject.into(),
            columns::text(&self.address),
            columns::optional_text(self.organization.as_ref()),
            first_seen.micros().into(),
            last_seen.micros().into(),
            calls.into(),
            columns::to_json(&user_agents),
            network::key(self.address).into(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            token: columns::parsed(row, 1)?,
            subject: row.text(2)?.into(),
            address: columns::parsed(row, 3)?,
            organization: columns::optional_parsed(row, 4)?,
            sightings: Sightings {
                first_seen: columns::instant(row, 5)?,
                last_seen: columns::instant(row, 6)?,
                calls: row.unsigned(7)?,
                user_agents: columns::json(row, 8)?,
            },
        })
    }
}
