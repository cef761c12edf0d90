//! Who is erased leaves the views of the usage log, whenever that happens: live is rebuilt, byte for byte.

use std::sync::Arc;
use std::time::Duration;

use eventlog::usage::{NewBlock, UsageLog};
use proptest::prelude::*;
use proptest::sample::select;

use crate::decisions::Decisions;
use crate::runner::check::{Live, Running, check_rebuild_of, run};
use crate::runner::{OfBlock, Projection, State, UsageLane};
use crate::testing::{Call, LANE, Step, Usage, some_steps};
use crate::token_addresses::TokenAddresses;
use crate::token_usage::TokenUsage;

const PATIENCE: Duration = Duration::from_secs(20);

/// What happens to a view meanwhile.
#[derive(Clone, Debug)]
enum Meanwhile {
    Fold(usize),
    Restart,
    Erase(&'static str),
}

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    prop_oneof![
        3 => (1_usize..6).prop_map(Meanwhile::Fold),
        1 => Just(Meanwhile::Restart),
        1 => select(vec!["mem_0", "mem_1", "mem_2"]).prop_map(Meanwhile::Erase),
    ]
}

async fn check<E: OfBlock>(projection: Projection<E>, steps: &[(Vec<Step>, Meanwhile)]) {
    let usage = Usage::new();
    // The views of a process share its feed, which is told of erasures.
    let lane = Arc::new(UsageLane::new(Arc::clone(&usage.feed), LANE));
    let mut live = Live::begin_on(projection, &lane).await;
    for (steps, meanwhile) in steps {
        usage.happen(steps).await;
        match meanwhile {
            Meanwhile::Fold(entries) => live.fold_from(&lane, *entries).await,
            Meanwhile::Restart => live.restart_on(&lane).await,
            Meanwhile::Erase(subject) => usage.erase(subject).await,
        }
    }
    live.fold_from(&lane, usize::MAX).await;
    // A last look: what was erased while the page before was read.
    live.fold_from(&lane, 1).await;
    let rebuilt = check_rebuild_of(projection, &usage.lane(), &[(usize::MAX, false)]).await;
    let live = live.dump().await;
    assert_eq!(live.difference(&rebuilt), None);
    assert_eq!(live.bytes(), rebuilt.bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn an_erasure_at_any_moment_leaves_what_a_rebuild_would_make(
        steps in proptest::collection::vec((some_steps(20), meanwhile()), 1..8),
    ) {
        run(async {
            check(Projection::of::<TokenUsage>(), &steps).await;
            check(Projection::of::<TokenAddresses>(), &steps).await;
            check(Projection::of::<Decisions>(), &steps).await;
        });
    }
}

/// A usage log with one call of `mem_1`, and its addresses as they are kept.
async fn called_once() -> (Usage, Running) {
    let usage = Usage::new();
    usage.call(&Call::of(1)).await;
    usage.close(1).await;
    let lane = Arc::new(UsageLane::new(Arc::clone(&usage.feed), LANE));
    let running = Running::start_of(Projection::of::<TokenAddresses>(), lane);
    running.caught_up(&usage).await;
    (usage, running)
}

async fn erasing_empties(usage: &Usage, running: &Running) {
    let view = running.view();
    let rows = async || view.query("SELECT id FROM token_addresses.addresses", vec![]).await.unwrap().len();
    assert_eq!(rows().await, 1);
    usage.erase("mem_1").await;
    until(async || rows().await == 0).await;
}

async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

#[tokio::test]
async fn a_running_view_lets_go_of_who_is_erased_though_nothing_is_called() {
    let (usage, running) = called_once().await;
    erasing_empties(&usage, &running).await;
}

#[tokio::test]
async fn a_view_that_stands_still_lets_go_of_who_is_erased_and_stands_still_on() {
    let (usage, running) = called_once().await;
    let junk = NewBlock { day: 0, bytes: b"no block".as_slice().into() };
    usage.log.append(LANE, junk).await.unwrap();
    let stands_still = async || running.handle.status().state == State::Halted;
    until(stands_still).await;
    erasing_empties(&usage, &running).await;
    until(stands_still).await;
}
