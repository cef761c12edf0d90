//! The starts of nodes that may still decide, or were cut off: each stays here until it has ended well or its gap is
//! recorded.

use super::State;
use crate::{Row, SqlError, Statement};

const NOTE: &str = "INSERT INTO node_start (start, lane, began) VALUES ($1, $2, $3)
    ON CONFLICT (start) DO NOTHING";

const OPEN: &str = "SELECT start, lane, began FROM node_start ORDER BY began, start";

const END: &str = "DELETE FROM node_start WHERE start = $1";

/// A start of a node that has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenStart {
    /// Its eight random bytes.
    pub start: [u8; 8],
    /// The lane of the usage log that it writes to.
    pub lane: u16,
    /// When it began, in microseconds since 1970 UTC by the ledger clock.
    pub began_us: i64,
}

impl State {
    /// Notes that a node starts; durable when this answers. Noting twice adds nothing.
    pub async fn note_start(&self, start: OpenStart) -> Result<(), SqlError> {
        let args = vec![start.start.into(), i64::from(start.lane).into(), start.began_us.into()];
        self.sql.transact(vec![Statement::new(NOTE, args)]).await.map(drop)
    }

    /// The starts that have not ended, the earliest first.
    pub async fn open_starts(&self) -> Result<Vec<OpenStart>, SqlError> {
        self.sql.query(OPEN, vec![]).await?.iter().map(open_start).collect()
    }

    /// Notes that a start has ended, or that its gap is recorded; durable when this answers. Noting twice adds nothing.
    pub async fn note_end(&self, start: [u8; 8]) -> Result<(), SqlError> {
        self.sql.transact(vec![Statement::new(END, vec![start.into()])]).await.map(drop)
    }
}

fn open_start(row: &Row) -> Result<OpenStart, SqlError> {
    let wrong = |index, expected, found| SqlError::Column { index, expected, found };
    let start = row.blob(0)?.try_into().map_err(|_| wrong(0, "8 bytes", "BYTEA of another length"))?;
    let lane = u16::try_from(row.int(1)?).map_err(|_| wrong(1, "a lane of 16 bits", "BIGINT"))?;
    Ok(OpenStart { start, lane, began_us: row.int(2)? })
}
