//! Plans: what an organisation has subscribed to.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A plan by its slug.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// To try things out.
    Free,
    /// For small companies.
    Pro,
    /// For large ones, and for who runs Counterfoil alone.
    Enterprise,
}

impl Plan {
    /// How many live tokens an organisation may have.
    pub const fn live_tokens(self) -> u64 {
        match self {
            Self::Free => 25,
            Self::Pro => 1_000,
            Self::Enterprise => 1_000_000,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        })
    }
}
