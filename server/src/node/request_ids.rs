//! Ids of requests: where each will be recorded, as one block that tells nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::anyhow;
use schemas::usage::{Locator, NodeStart, RequestIds};

/// Counts the requests of this start.
pub(crate) struct CountedIds {
    ids: RequestIds,
    node_start: NodeStart,
    counter: AtomicU64,
}

impl CountedIds {
    /// Ids of a new start.
    pub(crate) fn new(ids: RequestIds) -> anyhow::Result<Self> {
        let mut start = [0; 8];
        getrandom::fill(&mut start).map_err(|err| anyhow!("the system gave no randomness: {err}"))?;
        Ok(Self { ids, node_start: NodeStart(start), counter: AtomicU64::new(0) })
    }
}

impl api::edge::RequestIds for CountedIds {
    fn next(&self) -> String {
        let counter = self.counter.fetch_add(1, Ordering::Relaxed);
        self.ids.encode(Locator { node_start: self.node_start, lane: 0, counter })
    }
}

#[cfg(test)]
mod tests {
    use api::edge::RequestIds as _;

    use super::*;

    #[test]
    fn no_two_requests_share_an_id() {
        let ids = || CountedIds::new(RequestIds::new([7; 16])).unwrap();
        let (one, other) = (ids(), ids());
        let all = [one.next(), one.next(), other.next()];
        assert!(all.iter().all(|it| it.starts_with("req_")));
        assert_eq!(std::collections::BTreeSet::from(all).len(), 3);
    }
}
