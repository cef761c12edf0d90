//! How far a view has come: a row beside its rows, moved in their transaction.

use domain::time::Timestamp;
use eventlog::{Leaf, Position};
use store::{Row, Sql, SqlError, Statement, Value};

use super::Projection;
use crate::feed::Event;

/// The ledger's only lane; logs with several lanes have a checkpoint each.
const LANE: i64 = 0;

/// Up to where the facts are folded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Checkpoint {
    /// The last position that is folded; 0 is none.
    pub(super) position: Position,
    /// The leaf of the record there: a view of another ledger has another.
    pub(super) leaf: Leaf,
    /// Log time there: the greatest `recorded_at` so far.
    pub(super) logged_at: Timestamp,
}

impl Checkpoint {
    /// Before the first fact.
    pub(super) const START: Self =
        Self { position: Position(0), leaf: Leaf([0; 32]), logged_at: Timestamp::EPOCH };

    /// After that fact too.
    pub(super) fn after(self, event: &Event) -> Self {
        let logged_at = self.logged_at.max(event.recorded.recorded_at);
        Self { position: event.position, leaf: event.leaf, logged_at }
    }

    /// The table, and the row of a view that holds nothing yet.
    pub(super) fn prepare(projection: &Projection) -> [Statement; 2] {
        let name = projection.name;
        let table = format!(
            "CREATE TABLE IF NOT EXISTS {name}.checkpoints (\
             projection TEXT NOT NULL, lane BIGINT NOT NULL, position BIGINT NOT NULL, \
             leaf BYTEA NOT NULL, logged_at BIGINT NOT NULL, PRIMARY KEY (projection, lane))"
        );
        let row = format!(
            "INSERT INTO {name}.checkpoints (projection, lane, position, leaf, logged_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (projection, lane) DO NOTHING"
        );
        let args = vec![name.into(), LANE.into(), 0.into(), Self::START.leaf.0.into(), 0.into()];
        [Statement::new(table, vec![]), Statement::new(row, args)]
    }

    /// Moves the row from exactly `self` to exactly `to`; one that is elsewhere was moved by another owner.
    pub(super) fn moving(self, projection: &Projection, to: Self) -> Statement {
        let name = projection.name;
        let sql = format!(
            "UPDATE {name}.checkpoints SET position = $1, leaf = $2, logged_at = $3 \
             WHERE projection = $4 AND lane = $5 AND position = $6"
        );
        let args: Vec<Value> = vec![
            to.position.0.into(),
            to.leaf.0.into(),
            to.logged_at.micros().into(),
            name.into(),
            LANE.into(),
            self.position.0.into(),
        ];
        Statement::new(sql, args).expecting(1)
    }

    /// Reads the row, with a handle that may be the reader of what is published.
    pub(super) async fn read(projection: &Projection, sql: &dyn Sql) -> Result<Self, SqlError> {
        let name = projection.name;
        let text = format!(
            "SELECT position, leaf, logged_at FROM {name}.checkpoints WHERE projection = $1 AND lane = $2"
        );
        let rows = sql.query(&text, vec![name.into(), LANE.into()]).await?;
        match rows.as_slice() {
            [row] => Self::from_row(row),
            rows => {
                let message = format!("the view `{name}` has {} checkpoints, not one", rows.len());
                Err(SqlError::Corrupt { message })
            }
        }
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let leaf = row.blob(1)?.try_into().map_err(|_| SqlError::Corrupt {
            message: "the leaf of a checkpoint does not have 32 bytes".to_owned(),
        })?;
        Ok(Self {
            position: Position(row.unsigned(0)?),
            leaf: Leaf(leaf),
            logged_at: Timestamp::from_micros(row.int(2)?),
        })
    }
}
