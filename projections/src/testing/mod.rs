//! What the tests of this crate share: ledgers whose facts the domain has decided.

mod history;
mod ledger;

pub(crate) use history::a_history;
pub(crate) use ledger::{Ledger, NOON, Wish};
