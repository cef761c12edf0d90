//! The audit: search over all facts and all decisions, and what is erased from them.

mod answer;
mod decisions;
mod erasures;
mod search;

use projections::audit::Personal;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::body::SchemaError;
use crate::problem::{Code, Problem};
use crate::routes::{Kit, Route};

/// Which way a search goes through time.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    Asc,
    Desc,
}

impl Order {
    /// Whether the oldest come first, which is the only way on from a position.
    fn is_oldest_first(order: Option<Self>, is_after: bool) -> Result<bool, Problem> {
        match order {
            Some(Self::Desc) if is_after => {
                let detail = "after: is the oldest first; leave out order=desc";
                Err(Problem::new(Code::InvalidParameter, detail))
            }
            Some(Self::Asc) => Ok(true),
            Some(Self::Desc) | None => Ok(is_after),
        }
    }
}

/// How much of what is personal an answer shows.
fn personal(shown: Personal) -> &'static str {
    match shown {
        Personal::Visible => "visible",
        Personal::Hidden => "hidden",
        Personal::Erased => "erased",
    }
}

pub(crate) fn routes(kit: &Kit) -> Result<Vec<Route<App>>, SchemaError> {
    Ok(vec![search::route(kit)?, decisions::route(kit)?, erasures::route(kit)?])
}
