//! Folding without a database.

use eventlog::{Limit, Position};

use super::{Dump, Poison, Projection, Rows};
use crate::feed::{Feed, FeedError};

/// What is read of the ledger at once.
const READ: Limit = Limit { records: 4_096, bytes: 4 << 20 };

/// Why facts could not be folded into memory.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// They could not be read.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// One of them makes no sense.
    #[error("the fact at position {position} cannot be folded")]
    Poison {
        /// Which one.
        position: Position,
        /// Why.
        #[source]
        poison: Poison,
    },
}

/// All rows that the facts up to a position amount to, by the same fold that keeps the view: what a view
/// must equal, and what it was at an earlier moment. Holds all rows in memory.
///
/// # Errors
/// When the facts cannot be read or folded.
pub async fn fold_into_memory(
    projection: &Projection,
    feed: &Feed,
    up_to: Position,
) -> Result<Dump, FoldError> {
    let mut rows = Rows::complete();
    let mut after = Position(0);
    while after < up_to {
        let page = feed.page(after, READ).await?;
        let Some(last) = page.events.last().map(|it| it.position) else { break };
        for event in page.events.iter().filter(|it| it.position <= up_to) {
            rows.fold(projection, event)
                .map_err(|poison| FoldError::Poison { position: event.position, poison })?;
        }
        after = last;
    }
    Ok(Dump::of(&rows))
}
