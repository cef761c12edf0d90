//! A lane as a source: from any checkpoint on, whatever was kept, and never of another log.

use std::sync::Arc;

use eventlog::{Limit, Position};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::runner::check::run;
use crate::testing::{Call, LANE, Usage, some_steps};

/// The counters of a block's rows.
impl OfBlock for u64 {
    fn of_block(block: &UsageBlock) -> Vec<Self> {
        block.decisions.iter().map(|it| it.counter).collect()
    }
}

type Counters = UsageLane<u64>;

fn lane(usage: &Usage) -> Counters {
    UsageLane::new(Arc::clone(&usage.feed), LANE)
}

const fn blocks(records: usize) -> Limit {
    Limit { records, bytes: 4 << 20 }
}

/// All events, and the checkpoint after each entry.
async fn all(lane: &Counters) -> (Vec<Vec<u64>>, Vec<Checkpoint>) {
    let (mut events, mut checkpoints) = (Vec::new(), vec![Checkpoint::START]);
    let mut memory = Reading::default();
    loop {
        let after = checkpoints.last().unwrap();
        let page = lane.page(after, &mut memory, blocks(3)).await.unwrap();
        if page.entries.is_empty() {
            return (events, checkpoints);
        }
        for entry in &page.entries {
            events.push(entry.events().to_vec());
            checkpoints.push(entry.pass(checkpoints.last().unwrap()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_read_after_a_checkpoint_does_not_depend_on_what_was_kept(
        steps in some_steps(80),
        jumps in proptest::collection::vec((any::<Index>(), 1_usize..5, any::<bool>()), 1..12),
    ) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            let lane = lane(&usage);
            let (events, checkpoints) = all(&lane).await;
            let mut memory = Reading::default();
            for (jump, limit, anew) in jumps {
                if anew {
                    memory = Reading::default();
                }
                let at = jump.index(checkpoints.len());
                let mut checkpoint = checkpoints[at].clone();
                let mut read = Vec::new();
                while let page = lane.page(&checkpoint, &mut memory, blocks(limit)).await.unwrap()
                    && !page.entries.is_empty()
                {
                    for entry in &page.entries {
                        read.extend(entry.events().to_vec());
                        checkpoint = entry.pass(&checkpoint);
                    }
                }
                assert_eq!(read, events[at..].concat());
                assert_eq!(Some(&checkpoint), checkpoints.last());
            }
        });
    }
}

#[tokio::test]
async fn a_checkpoint_of_another_log_or_of_a_longer_one_is_told_from_ours() {
    let (usage, other) = (Usage::new(), Usage::new());
    for token in 0..4 {
        usage.call(&Call::of(token)).await;
        usage.close(1).await;
    }
    other.restart().await;
    other.call(&Call::of(1)).await;
    other.close(1).await;
    let (_, checkpoints) = all(&lane(&usage)).await;
    for checkpoint in checkpoints.iter().skip(1) {
        assert_eq!(lane(&usage).check_origin(checkpoint).await, Ok(()));
        let told = lane(&other).check_origin(checkpoint).await;
        assert!(matches!(told, Err(SourceError::Foreign(_))), "{told:?}");
    }
}

#[tokio::test]
async fn repeats_at_the_end_move_the_checkpoint_and_nothing_else() {
    let usage = Usage::new();
    usage.call(&Call::of(1)).await;
    usage.close(3).await;
    let (events, checkpoints) = all(&lane(&usage)).await;
    assert_eq!(events.concat(), [1]);
    assert_eq!(checkpoints.last().unwrap().position, Position(usage.head().0));
    assert_eq!(lane(&usage).check_origin(checkpoints.last().unwrap()).await, Ok(()));
}
