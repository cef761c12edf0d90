//! How a projection is doing, for those who ask and those who wait.

use domain::time::Lifespan;
use eventlog::Position;
use tokio::time::Instant;

/// What a projection is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It has all there is, or is at most one page behind.
    Live,
    /// It is further behind and comes nearer.
    CatchingUp,
    /// It stands still until somebody acts; the status says where and why.
    Halted,
    /// It is being built, and readers see nothing of it or an earlier build.
    Rebuilding,
}

impl State {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::CatchingUp => "catching_up",
            Self::Halted => "halted",
            Self::Rebuilding => "rebuilding",
        }
    }
}

/// Where a projection stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Its name.
    pub name: &'static str,
    /// The version that this program builds.
    pub version: u32,
    /// The position of what readers see; 0 while they see nothing.
    pub position: Position,
    /// The last position that its log had when the projection looked.
    pub head: Position,
    /// How far it is behind: log time at the log's end less log time at the position.
    pub lag: Lifespan,
    /// The last instant at which it had all that the log held, while there is more now: by how long it is behind
    /// where log time does not move, or it hangs.
    pub behind_since: Option<Instant>,
    /// What it is doing.
    pub state: State,
    /// The position that it cannot pass, while it is halted.
    pub halted_at: Option<Position>,
    /// Why it is halted, or why the last attempt failed; nothing once an attempt has succeeded.
    pub reason: Option<String>,
    /// The keys that are set apart because a fact about them could not be folded: their rows are not current.
    pub parked: u64,
}

impl Status {
    pub(super) fn unknown(name: &'static str, version: u32) -> Self {
        Self {
            name,
            version,
            position: Position(0),
            head: Position(0),
            lag: Lifespan::ZERO,
            behind_since: None,
            state: State::Rebuilding,
            halted_at: None,
            reason: None,
            parked: 0,
        }
    }
}
