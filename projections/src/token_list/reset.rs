//! Resets of the operators: each voids all operator tokens issued before it.

use domain::time::Timestamp;
use eventlog::Position;
use store::{Row, SqlError, Value};

use crate::runner::{Id, Record, Table, columns};

pub(super) struct Reset {
    pub(super) position: Position,
    pub(super) reset_at: Timestamp,
}

pub(super) const RESETS: Table = Table {
    name: "resets",
    columns: &["position", "reset_at"],
    ddl: "CREATE TABLE IF NOT EXISTS token_list.resets (
        position BIGINT PRIMARY KEY NOT NULL,
        reset_at BIGINT NOT NULL
    )",
    indexes: &[],
    personal: &[],
};

impl Record for Reset {
    const TABLE: &'static Table = &RESETS;

    fn id(&self) -> Id {
        self.position.into()
    }

    fn into_values(self) -> Vec<Value> {
        vec![self.position.0.into(), self.reset_at.micros().into()]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self { position: columns::position(row, 0)?, reset_at: columns::instant(row, 1)? })
    }
}
