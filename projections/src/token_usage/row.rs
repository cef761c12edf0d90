use domain::ids::{OrganizationId, TokenId};
use store::{Row, SqlError, Value};

use super::last_use::LAST_USE;
use super::{LastUse, Tally};
use crate::runner::{Id, Record, Table, columns};

pub(super) const TOKENS: Table = Table {
    name: "tokens",
    columns: &[
        "token",
        "organization",
        "calls",
        "refused",
        "last_used_at",
        "last_used_subject",
        "last_used_address",
    ],
    ddl: "CREATE TABLE IF NOT EXISTS token_usage.tokens (
        token TEXT PRIMARY KEY NOT NULL,
        organization TEXT,
        calls BIGINT NOT NULL,
        refused TEXT NOT NULL,
        last_used_at BIGINT,
        last_used_subject TEXT,
        last_used_address TEXT
    )",
    indexes: &["CREATE INDEX IF NOT EXISTS tokens_by_use \
         ON token_usage.tokens (organization, last_used_at, token)"],
    personal: &[LAST_USE],
};

/// What was decided about one token, ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsedToken {
    /// The token.
    pub token: TokenId,
    /// Its organisation; nothing for operators' tokens.
    pub organization: Option<OrganizationId>,
    /// What happened.
    pub tally: Tally,
}

impl Record for UsedToken {
    const TABLE: &'static Table = &TOKENS;

    fn id(&self) -> Id {
        self.token.to_string().into()
    }

    fn into_values(self) -> Vec<Value> {
        let Tally { calls, refused, last_use } = self.tally;
        let [at, subject, address] = LastUse::values(last_use);
        vec![
            columns::text(&self.token),
            columns::optional_text(self.organization.as_ref()),
            calls.into(),
            columns::to_json(&refused),
            at,
            subject,
            address,
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            token: columns::parsed(row, 0)?,
            organization: columns::optional_parsed(row, 1)?,
            tally: Tally {
                calls: row.unsigned(2)?,
                refused: columns::json(row, 3)?,
                last_use: LastUse::from_columns(row, 4)?,
            },
        })
    }
}
