//! The read side: views that follow the logs, their queries, the gate. It changes nothing in a log, and
//! knows no HTTP.

pub mod feed;
pub mod gate;
