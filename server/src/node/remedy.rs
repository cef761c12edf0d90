//! What to do about a ledger that cannot be folded: the sentence depends on what is at fault.

use eventlog::ReadError;
use projections::{
    feed::FeedError,
    gate::{ApplyError, Misfit},
};
use schemas::sealing::KeyringError;

const LEDGER: &str = "the ledger cannot be served: put it back from a backup";
const UNREADABLE: &str = "the ledger cannot be read now: see that the disk is well and that `ledger.db` belongs to the user of the server";
const STATE: &str = "the data keys cannot be read: see that the disk is well and that `state.db` belongs to the user \
                     of the server, or put it back from a backup";
const KEYS: &str = "the data keys in `state.db` were wrapped under another master key than that of `keys.dir`: put \
                    back the two that belong together";
const RANDOMNESS: &str = "the system gives no randomness";
const TOGETHER: &str = "a record that is as it was written cannot be opened: put `ledger.db` and `state.db` back \
                        together from one backup, or start the version that wrote it";
const PEPPER: &str = "the ledger cannot be served: put back the file of that pepper in `keys.dir`, from the backup of the keys";

/// What stands against reading it.
pub(super) fn of_feed(err: &FeedError) -> &'static str {
    match err {
        FeedError::Log(ReadError::Unavailable(_)) => UNREADABLE,
        FeedError::Log(ReadError::Damaged { .. } | ReadError::Beyond { .. }) => LEDGER,
        FeedError::Keys(KeyringError::Shelf(_)) => STATE,
        FeedError::Keys(KeyringError::Unwrap { .. }) => KEYS,
        FeedError::Keys(KeyringError::Randomness(_)) => RANDOMNESS,
        FeedError::Damaged { .. } => TOGETHER,
    }
}

/// What stands against applying it.
pub(super) fn of_gate(err: &ApplyError) -> &'static str {
    match err {
        ApplyError::Damaged(damage) if matches!(damage.why, Misfit::PepperUnknown(_)) => PEPPER,
        ApplyError::Damaged(_) | ApplyError::Gap { .. } => LEDGER,
    }
}

#[cfg(test)]
mod tests {
    use eventlog::Position;
    use schemas::sealing::KeyShelfError;

    use super::*;

    #[test]
    fn a_backup_of_the_ledger_is_advised_only_where_the_ledger_is_at_fault() {
        let (position, why) = (Position(3), String::new());
        let damaged = ReadError::Damaged { position, why: why.clone() };
        let shelf = KeyShelfError("busy".into());
        let said = [
            (FeedError::Log(damaged), LEDGER),
            (FeedError::Log(ReadError::Unavailable(why.clone())), UNREADABLE),
            (FeedError::Keys(KeyringError::Shelf(shelf)), STATE),
            (FeedError::Damaged { position, why }, TOGETHER),
        ];
        for (err, sentence) in said {
            assert_eq!(of_feed(&err), sentence, "{err}");
        }
    }
}
