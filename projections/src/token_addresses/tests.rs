//! Where tokens were used from, whatever the cutting.
use std::collections::BTreeMap;

use domain::ids::TokenId;
use domain::time::{Lifespan, Timestamp};
use proptest::prelude::*;
use schemas::usage::Outcome;

use super::*;
use crate::runner::check::{check_rebuild_of, run, some_cuts};
use crate::runner::{Dump, Projection, Record};
use crate::testing::{Call, Step, USAGE_NOON_US, Usage, some_steps, token_id};

const TOKEN_ADDRESSES: Projection<AddressHour> = Projection::of::<TokenAddresses>();

fn seen(dump: &Dump) -> Vec<SeenAddress> {
    dump.rows("addresses").map(|it| SeenAddress::from_row(&it).unwrap()).collect()
}

fn token(number: u8) -> TokenId {
    TokenId::from_bits(token_id(number))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_live_view_of_addresses_is_the_one_built_again(steps in some_steps(120), cuts in some_cuts()) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            let dump = check_rebuild_of(TOKEN_ADDRESSES, &usage.lane(), &cuts).await;
            let mut counted = BTreeMap::new();
            for step in &steps {
                let Step::Call(call) = step else { continue };
                if call.peek || call.outcome == Outcome::NOT_FOUND.0 {
                    continue;
                }
                if let (Some(number), Some(ip)) = (call.token, call.ip()) {
                    *counted.entry((token(number), ip)).or_insert(0) += call.count;
                }
            }
            let folded: BTreeMap<_, _> =
                seen(&dump).into_iter().map(|it| ((it.token, it.address), it.sightings.calls)).collect();
            assert_eq!(folded, counted);
        });
    }

    #[test]
    fn the_last_eight_user_agents_are_the_same_however_they_are_merged(
        sightings in proptest::collection::vec((0_i64..40, 0_u8..14), 0..60),
        cut in 1_usize..9,
    ) {
        let seen = |(at, agent): &(i64, u8)| {
            UserAgents::seen(Timestamp::from_micros(*at), &format!("agent/{agent}"))
        };
        let merged = |parts: &mut dyn Iterator<Item = UserAgents>| {
            let mut all = UserAgents::default();
            parts.for_each(|it| all.merge(it));
            all
        };
        let one_by_one = merged(&mut sightings.iter().map(seen));
        let in_parts = merged(&mut sightings.chunks(cut).rev().map(|it| merged(&mut it.iter().rev().map(seen))));
        prop_assert_eq!(&one_by_one, &in_parts);
        let mut last: BTreeMap<u8, i64> = BTreeMap::new();
        for (at, agent) in &sightings {
            let known = last.entry(*agent).or_insert(*at);
            *known = (*known).max(*at);
        }
        let mut by_time: Vec<_> = last.iter().map(|(agent, at)| (*at, format!("agent/{agent}"))).collect();
        by_time.sort();
        let texts = by_time.iter().skip(by_time.len().saturating_sub(8)).map(|it| it.1.as_str());
        prop_assert!(one_by_one.texts().eq(texts));
    }
}

#[tokio::test]
async fn an_address_has_its_first_and_last_time_and_its_user_agents_the_latest_last() {
    let usage = Usage::new();
    for (agent, outcome) in [("a", Outcome::VALID), ("b", Outcome::VALID), ("a", Outcome::IP_NOT_ALLOWED)] {
        let call = Call { user_agent: Some(agent.to_owned()), outcome: outcome.0, ..Call::of(1) };
        usage.call(&call).await;
    }
    usage.close(1).await;
    let rows = seen(&check_rebuild_of(TOKEN_ADDRESSES, &usage.lane(), &[(1, true)]).await);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    let noon = Timestamp::from_micros(USAGE_NOON_US);
    let milli = |count: i64| Lifespan::from_micros(count * 1_000);
    assert_eq!(
        (row.sightings.first_seen, row.sightings.last_seen),
        (noon.plus(milli(1)), noon.plus(milli(3)))
    );
    assert_eq!(row.sightings.calls, 3);
    assert_eq!(row.sightings.user_agents.texts().collect::<Vec<_>>(), ["b", "a"]);
}

#[tokio::test]
async fn nobody_writes_into_the_history_of_a_token_that_does_not_concern_them() {
    let usage = Usage::new();
    usage.call(&Call { outcome: Outcome::NOT_FOUND.0, ..Call::of(1) }).await;
    usage.call(&Call { peek: true, ..Call::of(1) }).await;
    usage.close(1).await;
    assert!(check_rebuild_of(TOKEN_ADDRESSES, &usage.lane(), &[(1, true)]).await.is_empty());
}

#[tokio::test]
async fn of_an_erased_subject_no_address_is_left_and_a_last_use_without_one() {
    let usage = Usage::new();
    usage.call(&Call::of(1)).await;
    usage.call(&Call::of(2)).await;
    usage.close(1).await;
    usage.erase("mem_1").await;
    let rows = seen(&check_rebuild_of(TOKEN_ADDRESSES, &usage.lane(), &[(1, true)]).await);
    assert_eq!(rows.iter().map(|it| it.token).collect::<Vec<_>>(), [token(2)]);
}

#[tokio::test]
async fn pages_go_on_where_they_ended_whatever_is_seen_meanwhile() {
    let usage = Usage::new();
    let from = |last: u8| Call { address: Some((last, false)), ..Call::of(1) };
    for last in 1..=7 {
        usage.call(&from(last)).await;
    }
    usage.close(1).await;
    let (queries, running) = usage.token_addresses().await;
    let mut told = Vec::new();
    let mut after = None;
    loop {
        let page = queries.page(token(1), after.as_ref(), 3).await.unwrap();
        told.extend(page.addresses.iter().map(|it| it.address.to_string()));
        usage.call(&from(1)).await;
        usage.close(1).await;
        running.caught_up(&usage).await;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (1..=7).rev().map(|it| format!("203.0.113.{it}")).collect();
    assert_eq!(told, expected);
    assert_eq!(queries.page(token(9), None, 3).await.unwrap().addresses, []);
}
