//! What is looked for, by the numbers that a segment gives it.

use std::collections::{BTreeSet, HashMap};

use schemas::usage::{Beside, References, SegmentPlace};

use super::DecisionFilter;
use super::chapter::{Chapter, reference};

/// What is looked for in one segment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Terms {
    /// The organisation; none: rows of none.
    pub(super) organization: Option<u32>,
    /// The token asked about, by its secret versions.
    pub(super) tokens: Option<BTreeSet<u32>>,
    pub(super) callers: Option<BTreeSet<u32>>,
    pub(super) clients: Option<Clients>,
}

/// The clients of the addresses looked for, and the tokens that are usually used by one of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Clients {
    pub(super) numbers: BTreeSet<u32>,
    pub(super) tokens: BTreeSet<u32>,
}

/// The segments in which all that is looked for occurs.
pub(super) type TermsBySegment = HashMap<SegmentPlace, Terms>;

impl Terms {
    /// Whether a chapter may have a row that is looked for.
    pub(super) fn may_be_in(&self, chapter: &Chapter, filter: &DecisionFilter) -> bool {
        let occurring = &chapter.occurring;
        let outcomes = &filter.outcomes;
        occurring.organizations.contains(&reference(self.organization))
            && filter.overlaps(chapter.earliest_us, chapter.latest_us)
            && (outcomes.is_empty()
                || outcomes.iter().any(|it| occurring.outcomes.contains(&u32::from(it.0))))
            && self.tokens.as_ref().is_none_or(|it| occurring.may_have(self.organization, it))
            && self.callers.as_ref().is_none_or(|it| !occurring.callers.is_disjoint(it))
            && self.clients.as_ref().is_none_or(|it| {
                !occurring.clients.is_disjoint(&it.numbers)
                    || occurring.may_have(self.organization, &it.tokens)
            })
    }

    /// Whether a row of a block of that chapter is looked for, as far as its texts are not.
    pub(super) fn accept(&self, row: &References, chapter: &Chapter, filter: &DecisionFilter) -> bool {
        let is_among = |wanted: &Option<BTreeSet<u32>>, number: Option<u32>| {
            wanted.as_ref().is_none_or(|it| number.is_some_and(|number| it.contains(&number)))
        };
        filter.is_in_time(row.time_us)
            && filter.accepts_outcome(row.outcome)
            && is_among(&self.tokens, row.token)
            && is_among(&self.callers, row.caller)
            && self.clients.as_ref().is_none_or(|it| it.include(row))
            && filter.permission.as_ref().is_none_or(|_| row.permission.is_some())
            && filter.endpoint.as_ref().is_none_or(|_| row.endpoint.is_some())
            && filter.client_request_id.as_ref().is_none_or(|_| row.has_client_request_id)
            && chapter.occurring.is_of(row, self.organization)
    }
}

impl Clients {
    fn include(&self, row: &References) -> bool {
        match row.client {
            Beside::Number(client) => self.numbers.contains(&client),
            Beside::Usual => row.token.is_some_and(|it| self.tokens.contains(&it)),
            Beside::None => false,
        }
    }
}
