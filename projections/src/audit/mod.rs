//! The audit: every fact of the ledger as one row, to be searched.
//!
//! A row's `data` is what the record says in clear, with two members added where the record has a sealed
//! box: `texts`, the callers' texts, which are the organisation's; and `personal`, what the fact says of a
//! person, which is theirs. Either is an object, or the text `"erased"` once its key is gone. What is kept
//! of a secret is left out but for the id that its text shows.

mod columns;
mod content;
mod event;
mod filter;
mod page;
mod projector;
mod queries;
mod secret;
mod thing;

pub use event::{AuditEvent, Outcome, Personal};
pub use filter::{AuditFilter, Reach, Sight};
pub use page::{AuditPage, AuditQuery, Walk};
pub use projector::Audit;
pub use queries::AuditQueries;
pub use thing::Thing;

#[cfg(test)]
mod tests;
