//! The filters, held against a scan that knows nothing of SQL.

use domain::ids::{OrganizationId, TokenId};
use domain::time::Lifespan;
use eventlog::{EventLog, Position};
use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::AUDIT;
use crate::audit::{AuditEvent, AuditFilter, AuditQueries, AuditQuery, Outcome, Reach, Sight, Thing, Walk};
use crate::runner::check::{Running, run};
use crate::runner::{Record, fold_into_memory};
use crate::testing::{Ledger, NOON, a_history};

/// A filter before it is known what there is: indexes are taken modulo what is found.
#[derive(Clone, Debug)]
struct Wanted {
    actor: Option<usize>,
    target: Option<(usize, bool)>,
    correlation: Option<usize>,
    filter: AuditFilter,
}

fn a_filter() -> impl Strategy<Value = Wanted> {
    let rarely = |days: std::ops::Range<i64>| {
        proptest::option::weighted(0.2, days.prop_map(|it| NOON.plus(Lifespan::days(it))))
    };
    let actions = ["token.", "token.issued", "token.revoked.v1", "member.added", "permission", "token.iss"];
    let blocks =
        ["198.51.100.2/32", "198.51.100.0/30", "0.0.0.0/0", "::/0", "2001:db8::/126", "203.0.113.9/32"];
    let texts = (
        proptest::option::weighted(0.3, select(actions.to_vec())),
        proptest::option::weighted(0.3, select(blocks.to_vec())),
        proptest::option::weighted(0.3, "[a-cA-C%_äÄ]{1,2}( [a-c])?|Bye|AGENT/1|tok_"),
        proptest::option::weighted(0.1, Just(Outcome::Ok)),
    );
    let places = (
        proptest::option::weighted(0.2, any::<usize>()),
        proptest::option::weighted(0.3, any::<(usize, bool)>()),
        proptest::option::weighted(0.1, any::<usize>()),
    );
    (texts, places, rarely(0..200), rarely(0..400)).prop_map(
        |((action, block, q, outcome), (actor, target, correlation), from, to)| {
            let action = action.map(str::to_owned);
            let ip = block.map(|it| it.parse::<IpNet>().unwrap());
            let filter = AuditFilter { action, ip, outcome, from, to, q, ..AuditFilter::default() };
            Wanted { actor, target, correlation, filter }
        },
    )
}

impl Wanted {
    /// The filter with things that there are, some of them pasted as secrets, and what those stand for.
    fn filter(&self, all: &[AuditEvent], secrets: &[(String, TokenId)]) -> (AuditFilter, Option<String>) {
        let mut filter = self.filter.clone();
        let at = |at: usize| &all[at % all.len()];
        filter.actor = self.actor.map(|it| Thing::pasted(&at(it).actor.who.id));
        filter.correlation = self.correlation.and_then(|it| at(it).correlation.clone());
        let target = self.target.map(|(it, by_secret)| match secrets.get(it % secrets.len().max(1)) {
            Some((secret, token)) if by_secret => (Thing::pasted(secret), token.to_string()),
            _ => (Thing::pasted(&at(it).target), at(it).target.clone()),
        });
        filter.target = target.as_ref().map(|(thing, _)| thing.clone());
        (filter, target.map(|(_, id)| id))
    }
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn texts_in(value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|it| texts_in(it, parts)),
        Value::Array(values) => values.iter().for_each(|it| texts_in(it, parts)),
        Value::String(text) => parts.push(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a scan of what the reader sees, one fact after the other, would keep this one.
fn is_wanted(event: &AuditEvent, filter: &AuditFilter, target: Option<&String>) -> bool {
    let is_action = |action: &String| {
        let action = action.trim_end_matches('.');
        event.kind == action || event.kind.starts_with(&format!("{action}."))
    };
    let says = |word: &str| {
        let mut parts = vec![event.actor.who.id.clone()];
        event.data.values().for_each(|it| texts_in(it, &mut parts));
        parts.extend([event.kind.clone(), event.id.to_string(), event.target.clone(), event.stream.clone()]);
        parts.extend(
            [&event.correlation, &event.request_id, &event.user_agent].into_iter().flatten().cloned(),
        );
        parts.extend(event.ip.map(|it| it.to_string()));
        parts.extend(event.actor.token.map(|it| it.to_string()));
        parts.extend(event.causation.map(|it| it.to_string()));
        parts.iter().any(|it| lower(it).contains(&lower(word)))
    };
    let is_actor = |thing: &Thing| *thing == Thing::Id(event.actor.who.id.clone());
    filter.actor.as_ref().is_none_or(is_actor)
        && filter.action.as_ref().is_none_or(is_action)
        && target.is_none_or(|it| *it == event.target)
        && filter.ip.is_none_or(|block| event.ip.is_some_and(|it| block.contains(&it)))
        && filter.correlation.as_ref().is_none_or(|it| event.correlation.as_ref() == Some(it))
        && filter.from.is_none_or(|it| it <= event.recorded_at)
        && filter.to.is_none_or(|it| event.recorded_at < it)
        && filter.q.as_ref().is_none_or(|q| q.split_whitespace().all(says))
}

fn is_reached(event: &AuditEvent, reach: Reach) -> bool {
    match reach {
        Reach::Organization(id) => event.organization == Some(id),
        Reach::Platform => event.organization.is_none(),
        Reach::Everything => true,
    }
}

async fn all_pages(queries: &AuditQueries, mut query: AuditQuery) -> Vec<AuditEvent> {
    let mut events = Vec::new();
    loop {
        let page = queries.search(&query).await.unwrap();
        events.extend(page.events);
        match page.next {
            None => return events,
            Some(next) => query.walk = next,
        }
    }
}

fn reaches(acme: OrganizationId) -> [Reach; 3] {
    [Reach::Organization(acme), Reach::Platform, Reach::Everything]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_filter_finds_what_a_scan_finds_either_way_round(
        history in a_history(80),
        questions in proptest::collection::vec((a_filter(), 0_usize..3, any::<bool>(), 1_usize..9, any::<bool>()), 12),
    ) {
        run(async {
            let ledger = Ledger::new();
            let organizations = history.happen(&ledger).await;
            let running = Running::start(AUDIT, &ledger);
            running.catch_up(&ledger).await;
            let queries = AuditQueries::new(running.view());
            let head = *ledger.log.head().borrow();
            let dump = fold_into_memory(&AUDIT, ledger.feed.as_ref(), head).await.unwrap();
            let all: Vec<_> = dump.rows("events").map(|it| AuditEvent::from_row(&it).unwrap()).collect();
            let secrets: Vec<(String, TokenId)> = dump
                .rows("secrets")
                .map(|it| (format!("c9d_pat_{}…", it.text(0).unwrap()), it.text(1).unwrap().parse().unwrap()))
                .collect();
            for (wanted, reach, is_reversed, limit, is_whole) in questions {
                let reach = reaches(organizations[0].0)[reach];
                let (filter, target) = wanted.filter(&all, &secrets);
                let sight = if is_whole { Sight::Whole } else { Sight::WithoutPersonal };
                let seen = all.iter().cloned().map(|it| if is_whole { it } else { it.without_personal() });
                let scanned = seen.filter(|it| is_reached(it, reach) && is_wanted(it, &filter, target.as_ref()));
                let mut scanned: Vec<_> = scanned.collect();
                let mut walk = Walk::OldestFirst { after: Position(0) };
                if is_reversed {
                    scanned.reverse();
                    walk = Walk::NewestFirst { before: None };
                }
                let query = AuditQuery { reach, filter, sight, walk, limit };
                assert_eq!(all_pages(&queries, query.clone()).await, scanned, "{query:?}");
            }
        });
    }
}
