//! What the listener allows, and what the system allows it.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// The most connections that are held open at once, however many files the system allows.
const MOST_CONNECTIONS: usize = 4_096;

/// Open files that are not connections: the ledger, the state, views, keys and the system's own.
const OTHER_FILES: u64 = 128;

/// What the listener allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time a request's head may take, counted from the connection's start or the answer
    /// before; an idle connection ends then too.
    pub head: Duration,
    /// Connections open at once; further ones wait in the system's queue.
    pub connections: usize,
    /// The time that running requests may take once the service is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    /// 10 s for a head, 4,096 connections, 10 s to drain.
    fn default() -> Self {
        Self { head: Duration::from_secs(10), connections: MOST_CONNECTIONS, drain: Duration::from_secs(10) }
    }
}

impl Limits {
    /// The default, with as many connections as this process may open files, less 128: whoever opens connections
    /// without end cannot keep the ledger from its files. Raises the soft limit of open files to the hard one first.
    pub fn of_this_process() -> Self {
        Self { connections: connections(raise_open_files()), ..Self::default() }
    }
}

/// The connections that fit beside all other files; at least one, or nobody could be answered.
fn connections(open_files: Option<u64>) -> usize {
    let free = open_files.map(|it| it.saturating_sub(OTHER_FILES).max(1));
    free.and_then(|it| usize::try_from(it).ok()).map_or(MOST_CONNECTIONS, |it| it.min(MOST_CONNECTIONS))
}

/// Raises the soft limit of open files to the hard one; gives what holds from now on, nothing where nothing does.
fn raise_open_files() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(err) => {
            warn!(error = %err, limit = current, "the limit of open files could not be raised");
            current
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_all_other_files() {
        let expected = [(1_024, 896), (4_224, 4_096), (1_048_576, 4_096), (128, 1), (0, 1)];
        for (open_files, most) in expected {
            assert_eq!(connections(Some(open_files)), most, "{open_files}");
        }
        assert_eq!(connections(None), MOST_CONNECTIONS);
    }

    #[test]
    fn the_soft_limit_of_open_files_is_raised_to_the_hard_one() {
        let limits = Limits::of_this_process();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
        assert_eq!(limits.connections, connections(current));
    }
}
