//! Folding without a database.

use eventlog::{Limit, Position};

use super::{Checkpoint, Dump, Entry, EventOf, OnPoison, Poison, Projection, Rows, Source, SourceError};

/// What is read of the log at once.
const READ: Limit = Limit { records: 4_096, bytes: 4 << 20 };

/// Why facts could not be folded into memory.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// They could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
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

/// All rows that the events up to a position amount to, by the same fold that keeps the view: what a view
/// must equal, and what it was at an earlier moment. Holds all rows in memory.
///
/// # Errors
/// When the events cannot be read or folded.
pub async fn fold_into_memory<S: Source>(
    projection: &Projection<EventOf<S>>,
    source: &S,
    up_to: Position,
) -> Result<Dump, FoldError> {
    let mut rows = Rows::complete();
    let mut erased = Vec::new();
    let (mut after, mut memory) = (Checkpoint::START, S::Memory::default());
    while after.position < up_to {
        let page = source.page(&after, &mut memory, READ).await?;
        let Some(last) = page.entries.last() else { break };
        let end = last.position();
        for entry in page.entries.iter().filter(|it| it.position() <= up_to) {
            let position = entry.position();
            let folded = match projection.on_poison {
                OnPoison::Halt => rows.fold(projection, entry.events()),
                OnPoison::Park => rows.fold_or_park(projection, entry.events(), &after, position),
            };
            folded.map_err(|poison| FoldError::Poison { position, poison })?;
            erased.extend(entry.erases());
            after = entry.pass(&after);
        }
        if up_to < end {
            break;
        }
    }
    rows.erase(projection.tables, &erased);
    Ok(Dump::of(&rows))
}
