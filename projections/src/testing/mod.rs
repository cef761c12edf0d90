//! What the tests of this crate share: ledgers whose facts the domain has decided, and
//! usage logs as the recorder writes them.

mod history;
mod ledger;
mod usage;

pub(crate) use history::a_history;
pub(crate) use ledger::{Ledger, NOON, Wish};
pub(crate) use usage::{Call, LANE, Step, Usage, some_steps};
