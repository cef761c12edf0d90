//! Rows are the fold of partials, whatever the cutting, and what people are told of them.

mod erasing;

use std::collections::BTreeMap;

use domain::ids::TokenId;
use domain::secret::SecretId;
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use schemas::usage::Outcome;

use super::*;
use crate::runner::check::{check_rebuild_of, run, some_cuts};
use crate::runner::{Projection, Record};
use crate::testing::{Call, Step, USAGE_NOON_US, Usage, some_steps, token_id};
use crate::token_addresses::AddressHour;

const TOKEN_USAGE: Projection<SecretHour> = Projection::of::<TokenUsage>();

fn used(dump: &crate::runner::Dump) -> BTreeMap<TokenId, UsedToken> {
    dump.rows("tokens").map(|it| UsedToken::from_row(&it).unwrap()).map(|it| (it.token, it)).collect()
}

/// What the steps amount to, counted by hand.
fn expected(steps: &[Step]) -> BTreeMap<TokenId, (u64, u64)> {
    let mut counts = BTreeMap::new();
    for step in steps {
        let Step::Call(call) = step else { continue };
        let Some(token) = call.token.filter(|_| !call.peek) else { continue };
        let (calls, refused): &mut (u64, u64) =
            counts.entry(TokenId::from_bits(token_id(token))).or_default();
        *calls += call.count;
        *refused += if call.outcome == Outcome::VALID.0 { 0 } else { call.count };
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_live_view_of_uses_is_the_one_built_again(steps in some_steps(120), cuts in some_cuts()) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            let dump = check_rebuild_of(TOKEN_USAGE, &usage.lane(), &cuts).await;
            let counts: BTreeMap<_, _> = used(&dump)
                .into_iter()
                .map(|(token, it)| (token, (it.tally.calls, it.tally.refused.values().sum())))
                .collect();
            assert_eq!(counts, expected(&steps));
        });
    }

    #[test]
    fn partials_merge_in_any_order_and_grouping(
        steps in some_steps(60),
        order in proptest::collection::vec(any::<Index>(), 60),
    ) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            let decisions = usage.decisions().await;
            merges_anyhow::<SecretHour>(&decisions, &order);
            merges_anyhow::<AddressHour>(&decisions, &order);
        });
    }
}

/// Cuts the decisions in two at some places, merges the parts in another order, and compares.
fn merges_anyhow<P: Partial<Key: Clone> + Clone + PartialEq + std::fmt::Debug>(
    decisions: &[schemas::usage::RecordedDecision],
    order: &[Index],
) {
    let whole: Vec<P> = partials(decisions);
    let mut parts: Vec<P> = decisions.iter().filter_map(P::of).collect();
    for swap in order {
        if parts.len() < 2 {
            break;
        }
        // Two that meet are merged, whichever comes first; others change places.
        let (one, other) = (swap.index(parts.len()), swap.index(parts.len() - 1));
        let first = parts.swap_remove(one);
        let at = other.min(parts.len() - 1);
        if parts[at].key() == first.key() {
            parts[at].merge(first);
        } else {
            parts.push(first);
        }
    }
    let mut merged: BTreeMap<P::Key, P> = BTreeMap::new();
    for part in parts.into_iter().rev() {
        match merged.remove(&part.key()) {
            None => drop(merged.insert(part.key(), part)),
            Some(before) => {
                let mut both = part;
                both.merge(before);
                merged.insert(both.key(), both);
            }
        }
    }
    assert_eq!(merged.into_values().collect::<Vec<_>>(), whole);
}

async fn after(calls: &[Call]) -> BTreeMap<TokenId, UsedToken> {
    let usage = Usage::new();
    for call in calls {
        usage.call(call).await;
    }
    usage.close(1).await;
    used(&check_rebuild_of(TOKEN_USAGE, &usage.lane(), &[(1, false)]).await)
}

fn token(number: u8) -> TokenId {
    TokenId::from_bits(token_id(number))
}

#[tokio::test]
async fn the_last_use_is_the_last_valid_decision_and_a_peek_is_no_call() {
    let used_from = |last: u8| Call { address: Some((last, false)), ..Call::of(1) };
    let refused = Call { outcome: Outcome::EXPIRED.0, ..used_from(3) };
    let peek = Call { peek: true, ..used_from(4) };
    let used = after(&[used_from(1), used_from(2), refused, peek]).await;
    let UsedToken { tally, .. } = &used[&token(1)];
    assert_eq!((tally.calls, &tally.refused), (3, &BTreeMap::from([(Outcome::EXPIRED.0, 1)])));
    let last = tally.last_use.as_ref().unwrap();
    assert_eq!(last.at, Timestamp::from_micros(USAGE_NOON_US + 2_000));
    assert_eq!(last.address.unwrap().to_string(), "203.0.113.2");
    assert_eq!(last.subject.as_deref(), Some("mem_1"));
}

#[tokio::test]
async fn a_token_that_was_only_refused_was_never_used() {
    let refused = Call { outcome: Outcome::REVOKED.0, ..Call::of(1) };
    assert_eq!(after(&[refused]).await[&token(1)].tally.last_use, None);
    let unproven = Call { token: None, outcome: Outcome::UNKNOWN.0, ..Call::of(1) };
    assert!(after(&[unproven]).await.is_empty());
}

#[test]
fn of_two_uses_in_one_microsecond_an_erasure_leaves_the_same_one() {
    let last = |subject: &str, address: Option<&str>| LastUse {
        at: Timestamp::from_micros(1),
        subject: Some(subject.into()),
        address: address.map(|it| it.parse().unwrap()),
    };
    let live = last("mem_1", Some("203.0.113.9")).max(last("mem_2", Some("203.0.113.1")));
    let again = last("mem_1", Some("203.0.113.9")).max(last("mem_2", None));
    assert_eq!(live.subject, again.subject);
}

#[tokio::test]
async fn tokens_are_told_with_their_secret_versions() {
    let usage = Usage::new();
    usage.call(&Call::of(1)).await;
    usage.call(&Call { outcome: Outcome::RATE_LIMITED.0, ..Call::of(2) }).await;
    usage.close(1).await;
    let (queries, _running) = usage.token_usage().await;
    let told = queries.of(&[token(1), token(2), token(3)]).await.unwrap();
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), [token(1), token(2)]);
    let first = &told[&token(1)];
    let secret = SecretId::from_bits(2).unwrap();
    assert_eq!(first.secrets, BTreeMap::from([(secret, first.last)]));
    assert_eq!(first.last.unwrap().ip.unwrap().to_string(), "203.0.113.9");
    let second = &told[&token(2)];
    assert_eq!((second.calls, second.last), (1, None));
    assert_eq!(second.refused, BTreeMap::from([(Outcome::RATE_LIMITED, 1)]));
    assert_eq!(queries.of(&[]).await.unwrap(), BTreeMap::new());
}
