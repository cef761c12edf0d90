//! The list of tokens: one row a token, found by what people know of it.
//!
//! Whether a token is active, pending or expired is a matter of the time of day, so no row says it: the
//! query is told what time it is. That the operators were reset concerns any number of tokens, so it is a
//! row of its own, joined when asked. So is when and where from a token was used: that follows another log, in the
//! views [`token_usage`](crate::token_usage) and [`token_addresses`](crate::token_addresses).

mod columns;
mod filter;
mod page;
mod projector;
mod queries;
mod reset;
mod row;

pub use filter::{Owner, TagMode, TokenFilter, TokenStatus};
pub use page::{Cursor, Direction, Sort, SortKey, TokenPage, TokenQuery};
pub use projector::TokenList;
pub use queries::{TokenListError, TokenQueries};
pub use row::{Ended, GrantedUnder, ListedSecret, ListedTexts, ListedToken};

#[cfg(test)]
mod tests;
