//! What holds for every segment.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::testing::*;
use super::*;

fn all(_: &str) -> bool {
    true
}

fn written(decisions: &[Owned], every: usize) -> Lane {
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 3, 1), decisions, every);
    lane
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_is_read(decisions in vec(decision(), 1..60), every in 1_usize..30) {
        let rows = written(&decisions, every).read(&mut SegmentReader::default(), 0, all);
        let expected: Vec<_> = decisions.iter().map(|it| it.recorded(all)).collect();
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn a_reader_may_start_anywhere(
        decisions in vec(decision(), 1..60), every in 1_usize..8, from in 0_usize..9,
    ) {
        let lane = written(&decisions, every);
        let rows = lane.read(&mut SegmentReader::default(), 100 + from as u64, all);
        let whole = lane.read(&mut SegmentReader::default(), 0, all);
        let skipped = (from * every).min(whole.len());
        prop_assert_eq!(rows, &whole[skipped..]);
    }

    #[test]
    fn what_has_no_key_is_erased_and_nothing_else(
        decisions in vec(decision(), 1..60), every in 1_usize..30,
    ) {
        let keep = |subject: &str| subject != "mem_a" && subject != "org_2";
        let rows = written(&decisions, every).read(&mut SegmentReader::default(), 0, keep);
        let expected: Vec<_> = decisions.iter().map(|it| it.recorded(keep)).collect();
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn to_forget_while_reading_is_to_have_no_key_from_then_on(
        decisions in vec(decision(), 20..60),
    ) {
        let lane = written(&decisions, 10);
        let keep = |subject: &str| subject != "mem_a" && subject != "org_2";
        let mut reader = SegmentReader::default();
        let mut early = Lane::default();
        early.blocks = lane.blocks.range(..101).map(|it| (*it.0, it.1.clone())).collect();
        early.read(&mut reader, 0, all);
        reader.forget("mem_a");
        reader.forget("org_2");
        let rows = lane.read(&mut reader, 101, keep);
        let expected: Vec<_> = decisions[10..].iter().map(|it| it.recorded(keep)).collect();
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn headers_count_every_decision_of_every_organisation(
        decisions in vec(decision(), 1..60), every in 1_usize..30,
    ) {
        let lane = written(&decisions, every);
        let headers: Vec<_> =
            lane.blocks.values().map(|it| Block::decode(it).unwrap().header().clone()).collect();
        let counted: u64 = headers.iter().map(Header::decisions).sum();
        prop_assert_eq!(counted, decisions.iter().map(|it| it.count).sum::<u64>());
        for (header, rows) in headers.iter().zip(decisions.chunks(every)) {
            prop_assert_eq!(header.earliest_us(), rows.iter().map(|it| it.time_us).min().unwrap());
            prop_assert_eq!(header.latest_us(), rows.iter().map(|it| it.time_us).max().unwrap());
        }
    }

    #[test]
    fn an_organisation_has_the_decisions_that_headers_count_for_it(
        decisions in vec(decision(), 1..60), every in 1_usize..30,
    ) {
        let mut counted = BTreeMap::<Option<u128>, u64>::new();
        let mut reader = SegmentReader::default();
        for bytes in written(&decisions, every).blocks.values() {
            let block = Block::decode(bytes).unwrap();
            reader.learn(&block, &keys_of::<&str>(&[])).unwrap();
            for (organization, count) in reader.counts(block.header()).unwrap() {
                *counted.entry(organization).or_default() += count;
            }
        }
        let mut expected = BTreeMap::new();
        for decision in &decisions {
            *expected.entry(decision.organization.as_ref().map(|it| it.0)).or_default() +=
                decision.count;
        }
        prop_assert_eq!(counted, expected);
    }

    #[test]
    fn any_flipped_bit_of_a_block_is_noticed(
        decisions in vec(decision(), 1..40), place: prop::sample::Index, bit in 0..8_u8,
    ) {
        let mut bytes = written(&decisions, 40).blocks.remove(&100).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1_u8 << bit;
        prop_assert!(Block::decode(&bytes).is_err());
    }
}
