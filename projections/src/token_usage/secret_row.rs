//! The table of secret versions: a token may have had any number of them.

use domain::ids::TokenId;
use domain::secret::SecretId;
use store::{Row, SqlError, Value};

use super::LastUse;
use super::last_use::LAST_USE;
use crate::runner::{Id, Record, Table, columns};

pub(super) const SECRETS: Table = Table {
    name: "secrets",
    columns: &["secret", "token", "last_used_at", "last_used_subject", "last_used_address"],
    ddl: "CREATE TABLE IF NOT EXISTS token_usage.secrets (
        secret TEXT PRIMARY KEY NOT NULL,
        token TEXT NOT NULL,
        last_used_at BIGINT,
        last_used_subject TEXT,
        last_used_address TEXT
    )",
    indexes: &["CREATE INDEX IF NOT EXISTS secrets_by_token ON token_usage.secrets (token)"],
    personal: &[LAST_USE],
};

/// When and where from one secret version was used last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SecretRow {
    pub(super) secret: SecretId,
    pub(super) token: TokenId,
    pub(super) last_use: Option<LastUse>,
}

impl Record for SecretRow {
    const TABLE: &'static Table = &SECRETS;

    fn id(&self) -> Id {
        self.secret.to_string().into()
    }

    fn into_values(self) -> Vec<Value> {
        let [at, subject, address] = LastUse::values(self.last_use);
        vec![columns::text(&self.secret), columns::text(&self.token), at, subject, address]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            secret: columns::parsed(row, 0)?,
            token: columns::parsed(row, 1)?,
            last_use: LastUse::from_columns(row, 2)?,
        })
    }
}
