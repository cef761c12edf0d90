//! Parameters and answers that lists and commands share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of every list; flatten them into the list's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Paging {
    /// Most rows of the page.
    #[serde(default = "Paging::default_limit")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: u16,
    /// `next_cursor` of the page before; filters and sort must be the same as there.
    pub cursor: Option<String>,
}

impl Paging {
    fn default_limit() -> u16 {
        50
    }
}

/// The parameter of commands that can be tried.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub struct DryRun {
    /// `true`: answer what would be done, and do nothing; an `Idempotency-Key` is then not remembered. `false`, or
    /// nothing: do it.
    #[serde(default)]
    pub dry_run: bool,
}

/// Of queries that read one thing of a view.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Seen {
    /// A position that the answer must have reached, as `Counterfoil-Position`.
    pub min_position: Option<String>,
}

/// No parameters: any is refused.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub struct Nothing {}

/// One page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub data: Vec<T>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
    /// The position of the log that the list reflects.
    pub position: String,
    /// How many keys the view has set apart, whoever's they are, because facts about them could not be taken in: rows
    /// may be missing, and those that are not current say `parked`. Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<u64>,
}
