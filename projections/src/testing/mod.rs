//! What the tests of this crate share: ledgers whose facts the domain has decided, and
//! usage logs as the recorder writes them.

mod history;
mod ledger;
mod usage;
mod usage_views;

pub(crate) use history::a_history;
pub(crate) use ledger::{Ledger, NOON, Wish};
pub(crate) use usage::{Call, LANE, Step, USAGE_NOON_US, Usage, organization_id, some_steps, token_id};
