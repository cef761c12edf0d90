//! The last record seen, noted outside the ledger: a ledger that lacks it has lost facts, and is not served.

use eventlog::{EventLog, Leaf, Limit, Position};
use store::State;

/// What this installation has seen of its ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mark {
    pub(crate) position: Position,
    pub(crate) leaf: Leaf,
}

/// The ledger is not the one that this installation has seen.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LedgerLost {
    /// It ends too early.
    #[error(
        "the ledger ends at position {head}, but this installation has seen position {seen} in it: facts are \
         lost. Put `ledger.db` back as it was, with its `-wal` file, or `ledger.db` and `state.db` together \
         from one backup"
    )]
    Shorter {
        /// The last position there is.
        head: Position,
        /// The last position seen.
        seen: Position,
    },
    /// It holds another record there.
    #[error(
        "the ledger holds another record at position {} than this installation has seen there ({} instead of \
         {}): it is another ledger, or facts were changed. Put `ledger.db` and `state.db` back together from \
         one backup",
        seen.position, hex(found), hex(&seen.leaf)
    )]
    Other {
        /// What was seen.
        seen: Mark,
        /// The leaf that is there.
        found: Leaf,
    },
}

impl Mark {
    /// What was noted last, if anything.
    pub(crate) async fn noted(state: &State) -> anyhow::Result<Option<Self>> {
        let seen = state.last_record_seen().await?;
        Ok(seen.map(|(position, leaf)| Self { position: Position(position), leaf: Leaf(leaf) }))
    }

    /// Holds a record of the ledger against the mark.
    pub(crate) fn check(self, position: Position, leaf: Leaf) -> Result<(), LedgerLost> {
        if position != self.position || leaf == self.leaf {
            return Ok(());
        }
        Err(LedgerLost::Other { seen: self, found: leaf })
    }

    /// Holds the ledger's end against the mark.
    pub(crate) fn check_head(self, head: Position) -> Result<(), LedgerLost> {
        if self.position <= head {
            return Ok(());
        }
        Err(LedgerLost::Shorter { head, seen: self.position })
    }
}

/// Notes the last record there is, if it is beyond `noted`; gives the position that is noted now.
pub(crate) async fn note_last(
    log: &dyn EventLog,
    state: &State,
    noted: Position,
) -> anyhow::Result<Position> {
    let head = *log.head().borrow();
    if head <= noted {
        return Ok(noted);
    }
    let before = Position(head.0.saturating_sub(1));
    let page = log.read_all(before, Limit { records: 1, bytes: 0 }).await?;
    let Some(last) = page.records.first() else { return Ok(noted) };
    state.note_record_seen(last.position.0, last.leaf.0).await?;
    Ok(last.position)
}

fn hex(leaf: &Leaf) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(16);
    for byte in leaf.0.iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('…');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Mark = Mark { position: Position(7), leaf: Leaf([1; 32]) };

    #[test]
    fn a_ledger_that_ends_before_the_mark_is_refused_with_both_values() {
        SEEN.check_head(Position(7)).unwrap();
        let text = SEEN.check_head(Position(6)).unwrap_err().to_string();
        assert!(text.contains("position 6") && text.contains("position 7"), "{text}");
    }

    #[test]
    fn another_record_at_the_mark_is_refused_with_both_values() {
        SEEN.check(Position(7), SEEN.leaf).unwrap();
        SEEN.check(Position(8), Leaf([2; 32])).unwrap();
        let text = SEEN.check(Position(7), Leaf([2; 32])).unwrap_err().to_string();
        assert!(text.contains("0202020202020202…") && text.contains("0101010101010101…"), "{text}");
    }
}
