//! The filters, held against a scan that knows nothing of SQL.

use std::cmp::Ordering;

use domain::secret::Kind;
use domain::time::{Lifespan, Timestamp};
use eventlog::EventLog;
use proptest::prelude::*;
use proptest::sample::select;

use super::TOKENS;
use super::uses::{Use, publish};
use crate::runner::check::{Running, run};
use crate::runner::{Record, fold_into_memory};
use crate::testing::{Ledger, NOON, a_history};
use crate::token_list::{
    Direction, ListedToken, Owner, Sort, SortKey, TagMode, TokenFilter, TokenQueries, TokenQuery, TokenStatus,
};

fn an_instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..400).prop_map(|days| NOON.plus(Lifespan::days(days)))
}

fn a_filter() -> impl Strategy<Value = TokenFilter> {
    let rarely = |instant| proptest::option::weighted(0.2, instant);
    let texts = (
        proptest::option::of("[a-cA-C%_\\\\äÄ]{1,2}|tok_|[0-9]"),
        proptest::collection::vec("[a-b]{1,2}|B", 0..3),
        select(vec![TagMode::Any, TagMode::All]),
        proptest::option::weighted(0.1, select(vec![Kind::Pat, Kind::Svc])),
    );
    let instants = (rarely(an_instant()), rarely(an_instant()), rarely(an_instant()), rarely(an_instant()));
    let statuses = proptest::collection::vec(select(TokenStatus::ALL.to_vec()), 0..3);
    let uses = (
        rarely(an_instant()),
        rarely(an_instant()),
        proptest::option::weighted(0.2, (0_i64..400).prop_map(Lifespan::days)),
        proptest::option::weighted(0.2, select(BLOCKS.to_vec()).prop_map(|it| it.parse().unwrap())),
    );
    (texts, instants, statuses, uses).prop_map(|((q, tags, tag_mode, kind), instants, statuses, uses)| {
        let (created_after, created_before, expires_after, expires_before) = instants;
        let (last_used_after, last_used_before, unused_for, ip) = uses;
        TokenFilter {
            statuses,
            q,
            tags,
            tag_mode,
            kind,
            created_after,
            created_before,
            expires_after,
            expires_before,
            last_used_after,
            last_used_before,
            unused_for,
            ip,
            ..TokenFilter::default()
        }
    })
}

const BLOCKS: [&str; 4] = ["203.0.113.1/32", "203.0.113.0/30", "0.0.0.0/0", "2001:db8::/32"];

/// Tokens that were used, and some that were not.
fn some_uses() -> impl Strategy<Value = Vec<Use>> {
    let ip = select(vec!["203.0.113.1", "203.0.113.2", "203.0.113.9", "2001:db8::1"]);
    let last = (an_instant(), ip.prop_map(|it| it.parse().unwrap()));
    proptest::collection::vec(proptest::option::weighted(0.7, last), 1..9)
}

fn a_sort() -> impl Strategy<Value = Sort> {
    let keys = select(vec![SortKey::CreatedAt, SortKey::Name, SortKey::ExpiresAt, SortKey::LastUsedAt]);
    let directions = select(vec![Direction::Ascending, Direction::Descending]);
    (keys, directions).prop_map(|(key, direction)| Sort { key, direction })
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn is_wanted((token, last): &(ListedToken, Use), filter: &TokenFilter, now: Timestamp) -> bool {
    let last_used_at = last.map(|it| it.0);
    let texts = token.texts.as_ref().unwrap();
    let mut found_by = vec![token.id.to_string(), texts.name.clone()];
    found_by.extend(token.secrets.iter().map(|it| it.id.to_string()));
    found_by.extend(texts.tags.iter().cloned().chain(texts.external_id.clone()));
    let has = |tag: &String| texts.tags.contains(tag);
    let within = |at: Option<Timestamp>, after: Option<Timestamp>, before: Option<Timestamp>| {
        after.is_none_or(|it| at.is_some_and(|at| it <= at))
            && before.is_none_or(|it| at.is_some_and(|at| at < it))
    };
    (filter.statuses.is_empty() || filter.statuses.contains(&token.status(now)))
        && filter.q.as_ref().is_none_or(|q| found_by.iter().any(|it| lower(it).contains(&lower(q))))
        && match filter.tag_mode {
            TagMode::All => filter.tags.iter().all(has),
            TagMode::Any => filter.tags.is_empty() || filter.tags.iter().any(has),
        }
        && filter.kind.is_none_or(|it| it == token.kind)
        && within(Some(token.created_at), filter.created_after, filter.created_before)
        && within(token.expires_at, filter.expires_after, filter.expires_before)
        && within(last_used_at, filter.last_used_after, filter.last_used_before)
        && filter.unused_for.is_none_or(|it| last_used_at.unwrap_or(token.created_at).plus(it) <= now)
        && filter.ip.is_none_or(|block| last.is_some_and(|(_, ip)| block.contains(&ip)))
}

type Told = (ListedToken, Use);

fn compare((one, used): &Told, (other, other_used): &Told, sort: Sort) -> Ordering {
    let turned = |it: Ordering| if sort.direction == Direction::Ascending { it } else { it.reverse() };
    let by_id = one.id.to_string().cmp(&other.id.to_string());
    let name = |it: &ListedToken| it.texts.as_ref().map(|it| lower(&it.name)).unwrap_or_default();
    let expiry = |it: &ListedToken| it.expires_at.map_or(i64::MAX, Timestamp::micros);
    let by_key = match sort.key {
        SortKey::CreatedAt => one.created_at.cmp(&other.created_at),
        SortKey::Name => name(one).cmp(&name(other)),
        SortKey::ExpiresAt => expiry(one).cmp(&expiry(other)),
        SortKey::LastUsedAt => match (used, other_used) {
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (Some((at, _)), Some((other, _))) => at.cmp(other),
            (None, None) => one.created_at.cmp(&other.created_at),
        },
    };
    turned(by_key.then(by_id))
}

async fn all_pages(queries: &TokenQueries, mut query: TokenQuery) -> Vec<ListedToken> {
    let mut tokens = Vec::new();
    loop {
        let page = queries.page(&query).await.unwrap();
        assert!(page.tokens.len() <= query.limit);
        tokens.extend(page.tokens);
        match page.next {
            None => return tokens,
            next => query.after = next,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_filter_and_order_finds_what_a_scan_finds(
        history in a_history(80),
        uses in some_uses(),
        questions in proptest::collection::vec((a_filter(), a_sort(), an_instant(), 1_usize..6), 12),
    ) {
        run(async {
            let ledger = Ledger::new();
            let organizations = history.happen(&ledger).await;
            let running = Running::start(TOKENS, &ledger);
            running.catch_up(&ledger).await;
            let queries = TokenQueries::new(running.view());
            let head = *ledger.log.head().borrow();
            let dump = fold_into_memory(&TOKENS, ledger.feed.as_ref(), head).await.unwrap();
            let all = dump.rows("tokens").map(|it| ListedToken::from_row(&it).unwrap());
            let all: Vec<_> = all.zip(uses.iter().cycle().copied()).collect();
            publish(&running, &all).await;
            for (filter, sort, now, limit) in questions {
                let (acme, _) = organizations[0];
                let mut scanned: Vec<_> = all
                    .iter()
                    .filter(|it| it.0.organization == Some(acme) && is_wanted(it, &filter, now))
                    .cloned()
                    .collect();
                scanned.sort_by(|one, other| compare(one, other, sort));
                let owner = Owner::Organization(acme);
                let query = TokenQuery { owner, filter: filter.clone(), sort, after: None, limit, now };
                let scanned: Vec<_> = scanned.into_iter().map(|it| it.0).collect();
                assert_eq!(all_pages(&queries, query).await, scanned, "{filter:?} {sort:?} at {now}");
            }
        });
    }
}
