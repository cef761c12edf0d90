use eventlog::Position;

use super::{AuditEvent, AuditFilter, Reach, Sight};

/// Which way one walks through the audit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Walk {
    /// The newest first, from before that position on; nothing: from the end.
    NewestFirst {
        /// The position that was seen last.
        before: Option<Position>,
    },
    /// The oldest first, from after that position on.
    OldestFirst {
        /// The position that was seen last; 0: from the beginning.
        after: Position,
    },
}

/// A question to the audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditQuery {
    /// Which facts the reader reaches.
    pub reach: Reach,
    /// Which of them are wanted.
    pub filter: AuditFilter,
    /// What of them the reader may see, and so what finds them.
    pub sight: Sight,
    /// Which way.
    pub walk: Walk,
    /// The most events, at least 1.
    pub limit: usize,
}

/// A page of the audit.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditPage {
    /// The events, in the order asked for.
    pub events: Vec<AuditEvent>,
    /// How to walk on; nothing where this is the last page.
    pub next: Option<Walk>,
    /// The position that the audit had reached at least.
    pub position: Position,
}

impl Walk {
    /// The comparison with a position that what follows passes, and that position.
    pub(super) fn bound(self) -> Option<(&'static str, Position)> {
        match self {
            Self::NewestFirst { before } => before.map(|it| ("<", it)),
            Self::OldestFirst { after } => Some((">", after)),
        }
    }

    /// The `ORDER BY` clause.
    pub(super) const fn clause(self) -> &'static str {
        match self {
            Self::NewestFirst { .. } => " ORDER BY e.position DESC",
            Self::OldestFirst { .. } => " ORDER BY e.position ASC",
        }
    }

    /// On from an event, the same way.
    pub(super) const fn on_from(self, position: Position) -> Self {
        match self {
            Self::NewestFirst { .. } => Self::NewestFirst { before: Some(position) },
            Self::OldestFirst { .. } => Self::OldestFirst { after: position },
        }
    }
}
