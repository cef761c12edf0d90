//! The recorded decisions, to be searched: an index of the usage log's blocks, and the search over both.
//!
//! The index holds no decision. It knows, per chapter, which is at most 32 blocks of a
//! segment, where they lie, their time, and by small numbers which organisations, tokens, callers, clients and
//! codes occur in them; and per day, under which numbers a token, an organisation or an address is known to
//! which segments. A search goes from names to numbers, from these to chapters, reads the blocks of those that
//! may have what it looks for, and opens only the rows that it answers, with the keys of that moment. Texts are
//! not in the index: permission, endpoint and the caller's own request id are looked at in the rows that all
//! else leaves.

mod bytes;
mod change;
mod chapter;
mod chapter_row;
mod filter;
mod find;
mod fold;
mod index;
mod order;
mod page;
mod posting;
mod queries;
mod resolve;
mod search;
mod segment;
mod shown;
mod stream;
mod terms;
mod walk;

pub use change::Change;
pub use filter::{DecisionFilter, Reach};
pub use fold::Decisions;
pub use page::{Bounds, DecisionError, DecisionPage, DecisionQuery, DecisionWalk, FoundDecision, RowPlace};
pub use queries::{DecisionQueries, ShownPage};
pub use shown::ShownDecision;

/// Places in the usage log: what every search of decisions is answered at.
pub use eventlog::usage::{Lane, Place};

use order::Order;

#[cfg(test)]
mod tests;
