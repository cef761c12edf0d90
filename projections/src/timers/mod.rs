//! Timers: what is due, and when. So far the expiries of tokens.
//!
//! A row exists while its token is live. Firing one is a command like any other; the fact that follows
//! removes the row, so a timer that is not obeyed stays due.

mod projector;
mod queries;
mod row;

pub use projector::Timers;
pub use queries::TimerQueries;
pub use row::Timer;

#[cfg(test)]
mod tests;
