use std::sync::Arc;

use eventlog::usage::{Lane, MemoryUsageLog, NewBlock, Place, ReadError, UsageLog};
use proptest::prelude::*;
use schemas::sealing::{MasterKey, MasterKeys, MemoryShelf, OsRandomness};
use schemas::usage::{Block, Opened, RecordedDecision, SegmentReader, Standing};

use super::*;
use crate::testing::{Call, LANE, Step, Usage, some_steps};

/// Reads a lane to its end, a page of so many blocks at a time.
async fn all_of(follower: &mut Follower, pages: &[usize]) -> Vec<Arc<UsageBlock>> {
    let mut blocks = Vec::new();
    for limit in pages.iter().cycle() {
        let page = follower.page(*limit).await.unwrap();
        assert!(page.blocks.len() <= *limit);
        if page.blocks.is_empty() {
            break;
        }
        blocks.extend(page.blocks);
    }
    blocks
}

async fn all_from(feed: &Arc<UsageFeed>, mark: Mark) -> Vec<Arc<UsageBlock>> {
    all_of(&mut feed.follow(LANE, mark), &[7]).await
}

/// All rows of the log, read with nothing but the log and a reader of segments.
async fn by_hand(usage: &Usage) -> Vec<RecordedDecision> {
    let mut reader = SegmentReader::default();
    let mut rows = Vec::new();
    for stored in usage.log.read(LANE, Place(0), usize::MAX).await.unwrap() {
        let block = Block::decode(&stored.bytes).unwrap();
        if reader.standing(block.header()) == Standing::Follows {
            let keys = usage.keyring.keys_for_opening(&reader.subjects(&block).unwrap()).await.unwrap();
            rows.extend(reader.read(&block, &keys).unwrap());
        }
    }
    rows
}

fn rows(blocks: &[Arc<UsageBlock>]) -> Vec<RecordedDecision> {
    blocks.iter().flat_map(|it| it.decisions.clone()).collect()
}

fn run<F: Future>(property: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(property)
}

async fn three_blocks() -> Usage {
    let usage = Usage::new();
    for token in 0..6 {
        usage.call(&Call::of(token)).await;
        if token % 2 == 1 {
            usage.close(1).await;
        }
    }
    usage
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn however_it_is_paged_and_shared_each_follower_reads_each_decision_once(
        steps in some_steps(60), first in 1_usize..5, second in 1_usize..5,
    ) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            let expected = by_hand(&usage).await;
            let mut one = usage.feed.follow(LANE, Mark::default());
            let mut other = usage.feed.follow(LANE, Mark::default());
            let mut seen = [Vec::new(), Vec::new()];
            loop {
                let pages = [one.page(first).await.unwrap(), other.page(second).await.unwrap()];
                let is_over = pages.iter().all(|it| it.blocks.is_empty());
                seen.iter_mut().zip(pages).for_each(|(seen, page)| seen.extend(page.blocks));
                if is_over {
                    break;
                }
            }
            assert_eq!(rows(&seen[0]), expected);
            assert_eq!(rows(&seen[1]), expected);
            assert_eq!(one.mark(), other.mark());
            assert_eq!(one.mark().place, usage.head());
        });
    }

    #[test]
    fn whoever_starts_anywhere_reads_the_rest_and_nothing_twice(steps in some_steps(60), blocks in 0_usize..12) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            let mut first = usage.feed.follow(LANE, Mark::default());
            let mut read = Vec::new();
            if blocks > 0 {
                read = first.page(blocks).await.unwrap().blocks;
            }
            let rest = all_from(&usage.fresh_feed(), first.mark().clone()).await;
            read.extend(rest);
            assert_eq!(rows(&read), by_hand(&usage).await);
        });
    }

    #[test]
    fn a_block_tells_its_counts_and_its_new_clients(steps in some_steps(40)) {
        run(async {
            let usage = Usage::new();
            usage.happen(&steps).await;
            for block in all_from(&usage.feed, Mark::default()).await {
                let counted: u64 = block.counts.iter().map(|it| it.1).sum();
                assert_eq!(counted, block.decisions.iter().map(|it| it.count).sum::<u64>());
                let used = |client| block.decisions.iter().any(|it| it.client.as_ref() == Some(client));
                assert!(block.clients.iter().all(used));
            }
        });
    }
}

#[tokio::test]
async fn whoever_reads_second_shares_what_was_opened() {
    let usage = three_blocks().await;
    let one = all_from(&usage.feed, Mark::default()).await;
    let other = all_from(&usage.feed, Mark::default()).await;
    assert_eq!(one.len(), 3);
    assert!(one.iter().zip(&other).all(|(a, b)| Arc::ptr_eq(a, b)));
}

#[tokio::test]
async fn whoever_is_far_behind_reads_alone_and_joins_the_others_at_the_end() {
    let usage = Usage::new();
    let mut late = usage.feed.follow(LANE, Mark::default());
    let mut ahead = usage.feed.follow(LANE, Mark::default());
    for _ in 0..600 {
        usage.call(&Call::of(1)).await;
        usage.close(1).await;
        ahead.page(1).await.unwrap();
    }
    let mut blocks = all_of(&mut late, &[100]).await;
    assert_eq!(blocks.len(), 600);
    usage.call(&Call::of(2)).await;
    usage.close(1).await;
    blocks = late.page(1).await.unwrap().blocks;
    assert!(Arc::ptr_eq(&blocks[0], &ahead.page(1).await.unwrap().blocks[0]));
}

#[tokio::test]
async fn a_page_that_nobody_waited_for_leaves_the_others_whole() {
    let usage = three_blocks().await;
    let mut follower = usage.feed.follow(LANE, Mark::default());
    {
        let mut page = std::pin::pin!(follower.page(3));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(page.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(rows(&all_of(&mut follower, &[2]).await), by_hand(&usage).await);
    assert_eq!(rows(&all_from(&usage.feed, Mark::default()).await), by_hand(&usage).await);
}

#[tokio::test]
async fn what_is_held_is_forgotten_with_its_subject() {
    let usage = Usage::new();
    usage.call(&Call::of(1)).await;
    usage.close(1).await;
    let mut follower = usage.feed.follow(LANE, Mark::default());
    let before = follower.page(1).await.unwrap();
    assert!(matches!(before.blocks[0].clients[0].details, Opened::Open(_)));
    usage.keyring.forget("mem_1").await.unwrap();
    usage.feed.forget("mem_1");

    usage.call(&Call::of(1)).await;
    usage.close(1).await;
    let after = follower.page(1).await.unwrap();
    let client = after.blocks[0].decisions[0].client.clone().unwrap();
    assert_eq!(client.details, Opened::Erased);
    let again = all_from(&usage.feed, Mark::default()).await;
    let fresh = all_from(&usage.fresh_feed(), Mark::default()).await;
    assert_eq!(again, fresh);
    assert_eq!(again[0].clients[0].details, Opened::Erased);
}

/// A copy of a log without the block of that rank, or with it changed.
async fn tampered(usage: &Usage, rank: usize, change: impl Fn(&mut Vec<u8>) -> bool) -> Arc<UsageFeed> {
    let log = MemoryUsageLog::new(1);
    for (place, stored) in usage.log.read(LANE, Place(0), usize::MAX).await.unwrap().iter().enumerate() {
        let mut bytes = stored.bytes.to_vec();
        if place != rank || change(&mut bytes) {
            let day = stored.place.day();
            log.append(LANE, NewBlock { day, bytes: bytes.into() }).await.unwrap();
        }
    }
    Arc::new(UsageFeed::new(Arc::new(log), usage.keyring.clone()))
}

#[tokio::test]
async fn a_damaged_block_is_named_and_what_is_before_it_is_read() {
    let usage = three_blocks().await;
    let feed = tampered(&usage, 1, |bytes| {
        bytes[40] ^= 1;
        true
    })
    .await;
    let mut follower = feed.follow(LANE, Mark::default());
    let page = follower.page(9).await.unwrap();
    assert_eq!(page.blocks.len(), 1);
    let second = Place(page.blocks[0].place.0 + 1);
    for _ in 0..2 {
        let err = follower.page(9).await.unwrap_err();
        assert!(matches!(err, UsageFeedError::Damaged { place, .. } if place == second), "{err}");
    }
    assert_eq!(follower.mark(), &page.mark);
}

#[tokio::test]
async fn a_missing_block_is_named_by_the_one_that_builds_on_it() {
    let usage = three_blocks().await;
    let feed = tampered(&usage, 1, |_| false).await;
    let mut follower = feed.follow(LANE, Mark::default());
    let first = follower.page(9).await.unwrap();
    let err = follower.page(9).await.unwrap_err();
    let second = Place(first.blocks[0].place.0 + 1);
    assert!(matches!(err, UsageFeedError::Missing { place, .. } if place == second), "{err}");
}

#[tokio::test]
async fn an_entry_under_another_key_is_forged_and_names_its_subject() {
    let usage = three_blocks().await;
    let masters = MasterKeys::only(MasterKey::new(1, [1; 32]));
    let other = Keyring::new(Arc::new(MemoryShelf::default()), masters, Arc::new(OsRandomness), 9);
    other.keys_for_sealing(&["mem_2"]).await.unwrap();
    let feed = Arc::new(UsageFeed::new(usage.log.clone(), Arc::new(other)));
    let mut follower = feed.follow(LANE, Mark::default());
    follower.page(1).await.unwrap();
    let err = follower.page(1).await.unwrap_err();
    assert!(matches!(&err, UsageFeedError::Forged { subject, .. } if subject == "mem_2"), "{err}");
}

#[tokio::test]
async fn a_mark_beyond_the_end_is_no_caught_up() {
    let usage = three_blocks().await;
    let beyond = Mark { place: Place(usage.head().0 + 1), has_read: Vec::new() };
    let err = usage.feed.follow(LANE, beyond).page(1).await.unwrap_err();
    assert!(matches!(err, UsageFeedError::Log(ReadError::Beyond { .. })), "{err}");
}

#[tokio::test]
async fn a_segment_over_a_day_is_read_from_either_side() {
    let usage = Usage::new();
    usage.call(&Call::of(1)).await;
    usage.advance_days(1);
    usage.call(&Call::of(1)).await;
    usage.happen(&[Step::Close]).await;
    let blocks = all_from(&usage.feed, Mark::default()).await;
    let segments: Vec<u32> = blocks.iter().map(|it| it.header().place.segment).collect();
    assert_eq!(segments, [0, 1]);
    let block = usage.feed.block_at(LANE, blocks[1].place).await.unwrap();
    assert_eq!(block, blocks[1].block);
    let nowhere = usage.feed.block_at(Lane(0), Place(7)).await.unwrap_err();
    assert!(matches!(nowhere, UsageFeedError::Missing { place: Place(7), .. }), "{nowhere}");
}
