use std::sync::Arc;
use std::time::Duration;

use eventlog::Position;
use eventlog::usage::{Lane, Place};
use schemas::usage::{Locator, RequestIds};

use super::find::find;
use super::index::Index;
use super::search::{Budget, Search};
use super::{
    DecisionError, DecisionFilter, DecisionPage, DecisionQuery, DecisionWalk, FoundDecision, Reach,
    ShownDecision,
};
use crate::runner::{View, WaitError};
use crate::usage_feed::UsageFeed;

/// What one page may cost: with blocks as they are at 1,000 decisions a second about a tenth of a second.
const BUDGET: Budget = Budget { addresses: 16_384, chapters: 4_096, blocks: 1_024 };

/// What is asked of the recorded decisions.
#[derive(Clone)]
pub struct DecisionQueries {
    index: Index,
    feed: Arc<UsageFeed>,
    ids: Arc<RequestIds>,
    budget: Budget,
}

/// A page of decisions, as they are shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownPage {
    /// The decisions, in the order asked for; perhaps none although there is a next page, for a page takes a
    /// bounded amount of work.
    pub decisions: Vec<ShownDecision>,
    /// How to walk on; nothing where this is the last page.
    pub next: Option<DecisionWalk>,
    /// Up to where each lane was searched.
    pub position: Vec<(Lane, Place)>,
}

impl DecisionQueries {
    /// Over the view of [`Decisions`](super::Decisions), the log that it is the index of, and what request ids are
    /// made with.
    pub fn new(view: View, feed: Arc<UsageFeed>, ids: Arc<RequestIds>) -> Self {
        Self { index: Index::new(view), feed, ids, budget: BUDGET }
    }

    /// The view, to be waited for.
    pub fn view(&self) -> &View {
        self.index.view()
    }

    /// Waits until the index has come to these places.
    ///
    /// # Errors
    /// When it has not in time.
    pub async fn reach(&self, places: &[(Lane, Place)], patience: Duration) -> Result<(), WaitError> {
        for (_, place) in places {
            self.view().handle().wait_for(Position(place.0), patience).await?;
        }
        Ok(())
    }

    /// Where the lanes of the log end now.
    pub fn ends(&self) -> Vec<(Lane, Place)> {
        self.feed.lanes().into_iter().map(|it| (it, *self.feed.head(it).borrow())).collect()
    }

    /// A page of the decisions that are asked for. Those that are recorded while one pages appear on no later
    /// page of the newest first.
    ///
    /// # Errors
    /// When the index or a block cannot be read.
    pub async fn search(&self, query: &DecisionQuery) -> Result<ShownPage, DecisionError> {
        let DecisionPage { decisions, next, position } = self.page(query).await?;
        Ok(ShownPage { decisions: self.shown(decisions), next, position })
    }

    pub(super) async fn page(&self, query: &DecisionQuery) -> Result<DecisionPage, DecisionError> {
        Search::new(&self.index, &self.feed, query).page(self.budget).await
    }

    /// The decision of a request id, if it is wanted. One that is counted in a row of unproven secrets finds the
    /// rows of its second that may count it, of which one does. What is no request id finds nothing.
    ///
    /// # Errors
    /// When the index or a block cannot be read.
    pub async fn find(
        &self,
        request_id: &str,
        reach: Reach,
        filter: &DecisionFilter,
    ) -> Result<Vec<ShownDecision>, DecisionError> {
        match self.ids.decode(request_id) {
            Some(locator) => Ok(self.shown(self.at(locator, reach, filter).await?)),
            None => Ok(Vec::new()),
        }
    }

    pub(super) async fn at(
        &self,
        locator: Locator,
        reach: Reach,
        filter: &DecisionFilter,
    ) -> Result<Vec<FoundDecision>, DecisionError> {
        let mut found = find(&self.index, &self.feed, locator).await?;
        found.retain(|it| it.decision.organization == reach.organization() && filter.accepts(&it.decision));
        Ok(found)
    }

    fn shown(&self, found: Vec<FoundDecision>) -> Vec<ShownDecision> {
        found.into_iter().map(|it| ShownDecision::of(it, &self.ids)).collect()
    }

    /// The same with another budget.
    #[cfg(test)]
    pub(super) fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }
}
