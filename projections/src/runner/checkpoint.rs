//! How far a view has come: a row beside its rows, moved in their transaction.

use bytes::Bytes;
use domain::time::Timestamp;
use eventlog::{Leaf, Position};
use store::{Row, Sql, SqlError, Statement, Value};

use super::projector::Shape;

/// Up to where a lane of a log is folded. The ledger has one lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The last position that is folded; 0 is none.
    pub position: Position,
    /// What tells what lies there from all else: the record's leaf, or a usage block's node start, sequence and
    /// times. A view of another log has another.
    pub leaf: Leaf,
    /// Log time there: the greatest so far.
    pub logged_at: Timestamp,
    /// What a reader needs besides to go on from there, in the source's own words. Empty of the ledger.
    pub resume: Bytes,
}

impl Checkpoint {
    /// Before the first entry.
    pub const START: Self = Self {
        position: Position(0),
        leaf: Leaf([0; 32]),
        logged_at: Timestamp::EPOCH,
        resume: Bytes::new(),
    };

    /// The table, and the row of a view that holds nothing yet.
    pub(super) fn prepare(shape: &Shape, lane: u16) -> [Statement; 2] {
        let name = shape.name;
        let table = format!(
            "CREATE TABLE IF NOT EXISTS {name}.checkpoints (\
             projection TEXT NOT NULL, lane BIGINT NOT NULL, position BIGINT NOT NULL, leaf BYTEA NOT NULL, \
             logged_at BIGINT NOT NULL, resume BYTEA NOT NULL, PRIMARY KEY (projection, lane))"
        );
        let row = format!(
            "INSERT INTO {name}.checkpoints (projection, lane, position, leaf, logged_at, resume) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (projection, lane) DO NOTHING"
        );
        let Self { position, leaf, logged_at, resume } = Self::START;
        let args = vec![
            name.into(),
            i64::from(lane).into(),
            position.0.into(),
            leaf.0.into(),
            logged_at.micros().into(),
            resume.into(),
        ];
        [Statement::new(table, vec![]), Statement::new(row, args)]
    }

    /// Moves the row from exactly `self` to exactly `to`; one that is elsewhere was moved by another owner.
    pub(super) fn moving(&self, shape: &Shape, lane: u16, to: &Self) -> Statement {
        let name = shape.name;
        let sql = format!(
            "UPDATE {name}.checkpoints SET position = $1, leaf = $2, logged_at = $3, resume = $4 \
             WHERE projection = $5 AND lane = $6 AND position = $7"
        );
        let args: Vec<Value> = vec![
            to.position.0.into(),
            to.leaf.0.into(),
            to.logged_at.micros().into(),
            to.resume.clone().into(),
            name.into(),
            i64::from(lane).into(),
            self.position.0.into(),
        ];
        Statement::new(sql, args).expecting(1)
    }

    /// Reads the row, with a handle that may be the reader of what is published.
    pub(super) async fn read(shape: &Shape, lane: u16, sql: &dyn Sql) -> Result<Self, SqlError> {
        let name = shape.name;
        let text = format!(
            "SELECT position, leaf, logged_at, resume FROM {name}.checkpoints \
             WHERE projection = $1 AND lane = $2"
        );
        let rows = sql.query(&text, vec![name.into(), i64::from(lane).into()]).await?;
        match rows.as_slice() {
            [row] => Self::from_row(row),
            rows => {
                let message = format!("the view `{name}` has {} checkpoints, not one", rows.len());
                Err(SqlError::Corrupt { message })
            }
        }
    }

    /// Notes that somebody was taken out of the rows and may still be in the files: a row of its own, below those of
    /// the lanes, in the same transaction.
    pub(super) fn owing_scrub(shape: &Shape, lane: u16) -> Statement {
        let name = shape.name;
        let sql = format!(
            "INSERT INTO {name}.checkpoints (projection, lane, position, leaf, logged_at, resume) \
             VALUES ($1, $2, 0, $3, 0, $3) ON CONFLICT (projection, lane) DO NOTHING"
        );
        Statement::new(sql, vec![name.into(), owing(lane).into(), Bytes::new().into()])
    }

    /// Takes the note away.
    pub(super) fn scrubbed(shape: &Shape, lane: u16) -> Statement {
        let name = shape.name;
        let sql = format!("DELETE FROM {name}.checkpoints WHERE projection = $1 AND lane = $2");
        Statement::new(sql, vec![name.into(), owing(lane).into()])
    }

    /// Whether the note is there.
    pub(super) async fn owes_scrub(shape: &Shape, lane: u16, sql: &dyn Sql) -> Result<bool, SqlError> {
        let name = shape.name;
        let text = format!("SELECT position FROM {name}.checkpoints WHERE projection = $1 AND lane = $2");
        Ok(!sql.query(&text, vec![name.into(), owing(lane).into()]).await?.is_empty())
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        let leaf = row.blob(1)?.try_into().map_err(|_| SqlError::Corrupt {
            message: "the leaf of a checkpoint does not have 32 bytes".to_owned(),
        })?;
        Ok(Self {
            position: Position(row.unsigned(0)?),
            leaf: Leaf(leaf),
            logged_at: Timestamp::from_micros(row.int(2)?),
            resume: Bytes::copy_from_slice(row.blob(3)?),
        })
    }
}

/// The lane under which is noted what a lane's scrub still owes.
fn owing(lane: u16) -> i64 {
    -1 - i64::from(lane)
}
