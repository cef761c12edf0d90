//! What this installation knows of its ledger from outside it: which life of the ledger it is
//! in, and the last record it has seen there.

use super::State;
use crate::{Row, SqlError, Statement};

const READ: &str = "SELECT incarnation, position, leaf FROM ledger_mark WHERE id = 1";

const NOTE: &str = "UPDATE ledger_mark SET position = $1, leaf = $2
    WHERE id = 1 AND (position IS NULL OR position < $1)";

impl State {
    /// The ledger's incarnation: 1 at first, raised by each restore.
    pub async fn incarnation(&self) -> Result<u32, SqlError> {
        u32::try_from(self.mark().await?.int(0)?).map_err(|_| SqlError::Column {
            index: 0,
            expected: "an incarnation of 32 bits",
            found: "BIGINT",
        })
    }

    /// The position and leaf hash of the last record seen in the ledger. A ledger that ends
    /// before it, or holds another leaf there, has lost or changed facts.
    pub async fn last_record_seen(&self) -> Result<Option<(u64, [u8; 32])>, SqlError> {
        let mark = self.mark().await?;
        let (position, leaf) = (mark.optional_unsigned(1)?, mark.optional_blob(2)?);
        let (Some(position), Some(leaf)) = (position, leaf) else {
            return Ok(None);
        };
        let leaf = leaf.try_into().map_err(|_| SqlError::Column {
            index: 2,
            expected: "a leaf of 32 bytes",
            found: "BYTEA of another length",
        })?;
        Ok(Some((position, leaf)))
    }

    /// Notes the last record seen. The mark only moves forward: an earlier or equal position
    /// changes nothing.
    pub async fn note_record_seen(&self, position: u64, leaf: [u8; 32]) -> Result<(), SqlError> {
        let note = Statement::new(NOTE, vec![position.into(), leaf.into()]);
        self.sql.transact(vec![note]).await.map(drop)
    }

    async fn mark(&self) -> Result<Row, SqlError> {
        let rows = self.sql.query(READ, vec![]).await?;
        rows.into_iter().next().ok_or_else(|| SqlError::refused("the ledger mark is absent"))
    }
}
