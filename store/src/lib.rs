//! The SQL seam, and the state that is neither fact nor view.
//!
//! One SQL text runs on every engine behind [`Sql`]; view databases and the small mutable state
//! stand on it. The crate does not know what a token, a member or an event is.

mod error;
mod row;
mod sql;
mod sqlite;
mod state;
mod statement;
mod value;
mod views;

pub use error::SqlError;
pub use row::Row;
pub use sql::Sql;
pub use sqlite::{SqliteMode, SqliteSql};
pub use state::{OpenStart, State};
pub use statement::Statement;
pub use value::Value;
pub use views::{Build, SqliteViews, Views};
