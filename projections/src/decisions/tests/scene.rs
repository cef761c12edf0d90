//! A usage log with its index, and the scan that every search must equal.

use std::sync::Arc;

use domain::ids::{OrganizationId, TokenId};
use eventlog::usage::UsageLog;
use proptest::option;
use proptest::prelude::*;
use schemas::usage::{Outcome, RecordedDecision, RequestIds};

use super::super::*;
use crate::runner::check::Running;
use crate::runner::{Projection, QueryError, UsageLane};
use crate::testing::{LANE, Usage, organization_id, token_id};
use crate::usage_feed::{Mark, UsageFeed};

pub(super) fn source(usage: &Usage) -> Arc<UsageLane<Change>> {
    Arc::new(UsageLane::new(usage.fresh_feed(), LANE))
}

/// A usage log, and its index as it runs.
pub(super) struct Scene {
    pub(super) usage: Usage,
    pub(super) running: Running,
    pub(super) queries: DecisionQueries,
}

impl Scene {
    pub(super) fn of(usage: Usage) -> Self {
        let running = Running::start_of(Projection::of::<Decisions>(), source(&usage));
        let queries = DecisionQueries::new(running.view(), usage.fresh_feed(), ids());
        Self { usage, running, queries }
    }

    /// The same over another log of the same blocks.
    pub(super) fn reading(&self, log: Arc<dyn UsageLog>) -> DecisionQueries {
        let feed = Arc::new(UsageFeed::new(log, self.usage.keyring.clone()));
        DecisionQueries::new(self.running.view(), feed, ids())
    }

    /// Waits until the index has all, and is there also where that is nothing.
    pub(super) async fn catch_up(&self) {
        self.running.caught_up(&self.usage).await;
        let anything = DecisionQuery {
            reach: Reach::Platform,
            filter: DecisionFilter::default(),
            walk: newest(),
            limit: 1,
        };
        let is_built = async || {
            let page = self.queries.page(&anything).await;
            !matches!(page, Err(DecisionError::Query(QueryError::BeingBuilt)))
        };
        while !is_built().await {
            tokio::task::yield_now().await;
        }
    }

    /// All decisions of the log, in its order.
    pub(super) async fn all(&self) -> Vec<FoundDecision> {
        let mut follower = self.usage.fresh_feed().follow(LANE, Mark::default());
        let mut all = Vec::new();
        loop {
            let page = follower.page(64).await.unwrap();
            if page.blocks.is_empty() {
                return all;
            }
            for block in page.blocks {
                let found = |it: &RecordedDecision| FoundDecision::of(&block.block, it.clone());
                all.extend(block.decisions.iter().map(found));
            }
        }
    }

    /// What a search must find: by looking at each decision.
    pub(super) async fn scan(&self, query: &DecisionQuery) -> Vec<FoundDecision> {
        let mut found = self.all().await;
        found.retain(|it| {
            it.decision.organization == query.reach.organization() && query.filter.accepts(&it.decision)
        });
        if query.walk.order() == Order::NewestFirst {
            found.reverse();
        }
        found
    }

    /// All pages of a search, each of as many decisions as the next number says.
    pub(super) async fn pages(
        &self,
        queries: &DecisionQueries,
        query: &DecisionQuery,
        limits: &[usize],
    ) -> Vec<FoundDecision> {
        let (mut query, mut found) = (query.clone(), Vec::new());
        for limit in limits.iter().cycle() {
            query.limit = *limit;
            let page = queries.page(&query).await.unwrap();
            assert!(page.decisions.len() <= *limit);
            found.extend(page.decisions);
            match page.next {
                Some(next) => {
                    assert_ne!(query.walk, next, "a page that comes no farther");
                    query.walk = next;
                }
                None => break,
            }
        }
        found
    }
}

pub(super) fn ids() -> Arc<RequestIds> {
    Arc::new(RequestIds::new([7; 16]))
}

pub(super) fn organization(number: u8) -> OrganizationId {
    OrganizationId::from_bits(organization_id(number))
}

pub(super) fn token(number: u8) -> TokenId {
    TokenId::from_bits(token_id(number))
}

pub(super) fn newest() -> DecisionWalk {
    DecisionWalk::NewestFirst(Bounds::default())
}

pub(super) fn oldest() -> DecisionWalk {
    DecisionWalk::OldestFirst(Bounds::default())
}

/// Any question about the calls that [`a_call`](crate::testing::a_call) gives.
pub(super) fn a_query() -> impl Strategy<Value = DecisionQuery> {
    let reach = prop_oneof![9 => (0_u8..3).prop_map(|it| Reach::Organization(organization(it))), 1 => Just(Reach::Platform)];
    let ip = prop::sample::select(vec![
        "203.0.113.1",
        "203.0.113.0/24",
        "203.0.113.2/31",
        "2001:db8::3",
        "2001:db8::/64",
        "2001:db8::/32",
        "::/0",
        "0.0.0.0/0",
        "198.51.100.0/24",
        "::ffff:203.0.113.1",
    ]);
    let who =
        (option::weighted(0.4, 0_u8..13), option::weighted(0.2, 200_u8..204), option::weighted(0.4, ip));
    let what = (
        option::weighted(0.2, prop::sample::select(vec!["a:read", "b:write", "c:read"])),
        option::weighted(0.2, prop::sample::select(vec!["/v1/a", "GET /v1/ab", "/v2"])),
        option::weighted(0.1, prop::sample::select(vec!["a", "bc"])),
        prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(0_u16..17, 1..4)],
    );
    let when = (option::weighted(0.3, 0_i64..900_000), option::weighted(0.3, 0_i64..900_000), any::<bool>());
    (reach, who, what, when).prop_map(|(reach, who, what, when)| {
        let instant = |it: i64| domain::time::Timestamp::from_micros(crate::testing::USAGE_NOON_US + it);
        let ip = who.2.map(|it| {
            it.parse().unwrap_or_else(|_| ipnet::IpNet::from(it.parse::<std::net::IpAddr>().unwrap()))
        });
        let filter = DecisionFilter {
            token: who.0.map(token),
            caller: who.1.map(token),
            ip,
            outcomes: what.3.into_iter().map(Outcome).collect(),
            permission: what.0.map(str::to_owned),
            endpoint: what.1.map(str::to_owned),
            client_request_id: what.2.map(str::to_owned),
            from: when.0.map(instant),
            to: when.1.map(instant),
        };
        DecisionQuery { reach, filter, walk: if when.2 { newest() } else { oldest() }, limit: 1 }
    })
}
