//! Which token a secret is of.

use domain::ids::TokenId;
use domain::secret::SecretId;
use store::{Row, SqlError, Value};

use crate::runner::{Id, Record, Table, columns};

pub(super) struct SecretOf {
    pub(super) id: SecretId,
    pub(super) token: TokenId,
}

pub(super) const SECRETS: Table = Table {
    name: "secrets",
    columns: &["id", "token"],
    ddl: "CREATE TABLE IF NOT EXISTS audit.secrets (
        id TEXT PRIMARY KEY NOT NULL,
        token TEXT NOT NULL
    )",
    indexes: &[],
    personal: &[],
};

impl Record for SecretOf {
    const TABLE: &'static Table = &SECRETS;

    fn id(&self) -> Id {
        self.id.to_string().into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![columns::text(&self.id), columns::text(&self.token)]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self { id: columns::parsed(row, 0)?, token: columns::parsed(row, 1)? })
    }
}
