use domain::ids::{EventId, OrganizationId, TokenId};
use domain::time::Timestamp;
use store::{Row, SqlError, Value};

use crate::runner::{Id, Record, Table, columns};

/// The expiry of a live token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timer {
    /// The token that expires.
    pub token: TokenId,
    /// Its organisation; nothing for operators' tokens.
    pub organization: Option<OrganizationId>,
    /// When it is due: the token is refused from this instant on.
    pub due_at: Timestamp,
    /// The event that set it.
    pub cause: EventId,
}

pub(super) const EXPIRIES: Table = Table {
    name: "expiries",
    columns: &["token", "organization", "due_at", "cause"],
    ddl: "CREATE TABLE IF NOT EXISTS timers.expiries (
        token TEXT PRIMARY KEY NOT NULL,
        organization TEXT,
        due_at BIGINT NOT NULL,
        cause TEXT NOT NULL
    )",
    indexes: &["CREATE INDEX IF NOT EXISTS expiries_by_time ON timers.expiries (due_at, token)"],
    personal: &[],
};

pub(super) const DUE: &str = "SELECT token, organization, due_at, cause FROM timers.expiries \
    WHERE due_at <= $1 ORDER BY due_at, token LIMIT $2";

impl Record for Timer {
    const TABLE: &'static Table = &EXPIRIES;

    fn id(&self) -> Id {
        self.token.to_string().into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![
            columns::text(&self.token),
            columns::optional_text(self.organization.as_ref()),
            self.due_at.micros().into(),
            columns::text(&self.cause),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            token: columns::parsed(row, 0)?,
            organization: columns::optional_parsed(row, 1)?,
            due_at: columns::instant(row, 2)?,
            cause: columns::parsed(row, 3)?,
        })
    }
}
