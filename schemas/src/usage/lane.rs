//! Blocks that repeat, interleave, fail, or come from later versions.

use std::collections::BTreeMap;

use super::block::checksum;
use super::testing::*;
use super::*;

fn all(_: &str) -> bool {
    true
}

fn recorded(decisions: &[Owned]) -> Vec<RecordedDecision> {
    decisions.iter().map(|it| it.recorded(all)).collect()
}

fn lane_of(blocks: impl IntoIterator<Item = Vec<u8>>) -> Lane {
    let mut lane = Lane::default();
    lane.blocks = (100..).zip(blocks).collect();
    lane
}

#[test]
fn a_block_that_was_appended_twice_is_read_once_even_after_a_restart_between() {
    let decisions = some_decisions(30);
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 0, 1), &decisions, 10);
    let [a, b, c] = lane.blocks.into_values().collect::<Vec<_>>().try_into().unwrap();
    let lane = lane_of([a, b.clone(), b, c]);

    let mut reader = SegmentReader::default();
    assert_eq!(lane.read(&mut reader, 0, all), recorded(&decisions));

    let mut before = lane_of(lane.blocks.values().take(2).cloned());
    let mut reader = SegmentReader::default();
    before.read(&mut reader, 0, all);
    before.blocks = BTreeMap::new();
    let mut resumed = SegmentReader::resuming(reader.has_read().to_vec());
    assert_eq!(lane.read(&mut resumed, 102, all), recorded(&decisions[20..]));
}

#[test]
fn nodes_that_write_one_lane_are_told_apart() {
    let decisions = some_decisions(40);
    let (ours, theirs) = decisions.split_at(20);
    let (mut one, mut other) = (Lane::default(), Lane::default());
    one.write(&mut SegmentWriter::new(START, 0, 1), ours, 10);
    other.write(&mut SegmentWriter::new(NodeStart([9; 8]), 0, 1), theirs, 10);
    let blocks = one.blocks.into_values().zip(other.blocks.into_values());
    let lane = lane_of(blocks.flat_map(|(a, b)| [a, b]));
    let rows = lane.read(&mut SegmentReader::default(), 0, all);
    let expected = [&ours[..10], &theirs[..10], &ours[10..], &theirs[10..]].concat();
    assert_eq!(rows, recorded(&expected));
}

#[test]
fn a_segment_ends_with_its_day_and_the_next_one_starts_anew() {
    let mut decisions = some_decisions(2);
    decisions[1].time_us += 12 * 3600 * 1_000_000;
    let mut writer = SegmentWriter::new(START, 0, 1);
    let mut lane = Lane::default();
    decisions[0].with(|it| writer.push(it)).unwrap();
    let refused = decisions[1].with(|it| writer.push(it));
    assert_eq!(refused, Err(PushError::SegmentOver));
    lane.append(writer.end_segment());
    assert_eq!(writer.place().segment, 1);
    decisions[1].with(|it| writer.push(it)).unwrap();
    lane.append(writer.close_block());
    assert_eq!(lane.read(&mut SegmentReader::default(), 0, all), recorded(&decisions));
    assert_eq!(lane.read(&mut SegmentReader::default(), 101, all), recorded(&decisions[1..]));
}

#[test]
fn a_segment_ends_before_its_numbers_run_out() {
    let mut decision = some_decisions(1).remove(0);
    let mut writer = SegmentWriter::new(START, 0, 1);
    let mut pushed = 0;
    loop {
        decision.token = Some(Credential { token: pushed, secret: 1 });
        match decision.with(|it| writer.push(it)) {
            Ok(BlockState::Open) => {}
            Ok(BlockState::Full) => drop(writer.close_block()),
            Err(err) => break assert_eq!(err, PushError::SegmentOver),
        }
        pushed += 1;
    }
    let most = u128::from(MAX_NUMBERED);
    assert!(most - 30 < pushed && pushed <= most, "{pushed}");
}

#[test]
fn blocks_close_by_rows_by_time_and_by_size() {
    let mut decision = some_decisions(1).remove(0);
    let mut closes_after = |change: &dyn Fn(&mut Owned, u64)| {
        let mut writer = SegmentWriter::new(START, 0, 1);
        (1..2_000).find(|n| {
            change(&mut decision, *n);
            decision.with(|it| writer.push(it)).unwrap() == BlockState::Full
        })
    };
    let rows = closes_after(&|it, n| it.counter = n);
    assert_eq!(rows, Some(1_000));
    let time = closes_after(&|it, n| it.time_us = NOON_US + 9_000 * i64::try_from(n).unwrap());
    assert_eq!(time, Some(13));
    let size = closes_after(&|it, n| it.permission = Some(format!("{n:0>256}")));
    assert!((85..100).contains(&size.unwrap()), "{size:?}");
}

#[test]
fn an_idle_block_closes_a_tenth_of_a_second_after_its_earliest_row() {
    let mut decisions = some_decisions(2);
    decisions[0].time_us = NOON_US;
    decisions[1].time_us = NOON_US - 300;
    let mut writer = SegmentWriter::new(START, 0, 1);
    assert_eq!(writer.closes_at_us(), None);
    for decision in &decisions {
        decision.with(|it| writer.push(it)).unwrap();
    }
    assert_eq!(writer.closes_at_us(), Some(NOON_US + 99_700));
}

#[test]
fn no_block_of_rows_at_their_largest_exceeds_32_kib() {
    let mut decision = some_decisions(1).remove(0);
    let long = |n: u64, what: &str| Some(format!("{what}{n:0>256}"));
    let (mut writer, mut lane) = (SegmentWriter::new(START, 0, 1), Lane::default());
    for n in 0..200 {
        decision.counter = n * 0x1234_5678_9abc;
        decision.permission = long(n, "p");
        decision.endpoint = Some(("GET".to_owned(), format!("/{n:0>400}")));
        decision.service = long(n, "s");
        decision.client_request_id = long(n, "i");
        decision.client = Some((format!("mem_{n:0>200}"), None, long(n, "a")));
        decision.costs = (0..16).map(|it| (format!("{it}{n:0>250}"), u64::MAX - n)).collect();
        if decision.with(|it| writer.push(it)).unwrap() == BlockState::Full {
            lane.append(writer.close_block());
        }
    }
    assert!(lane.blocks.len() > 20);
    let longest = lane.blocks.values().map(Vec::len).max().unwrap();
    assert!(longest < 32 << 10, "{longest} bytes");
}

#[test]
fn a_decision_beyond_a_row_is_refused_and_changes_nothing() {
    let mut decision = some_decisions(1).remove(0);
    let mut writer = SegmentWriter::new(START, 0, 1);
    decision.costs = vec![("r".to_owned(), 1); 17];
    assert_eq!(decision.with(|it| writer.push(it)), Err(PushError::TooManyCosts));
    decision.costs.clear();
    decision.organization = Some((1, "o".repeat(257)));
    assert_eq!(decision.with(|it| writer.push(it)), Err(PushError::SubjectTooLong));
    assert!(writer.close_block().is_none());
}

#[test]
fn a_missing_key_is_named_and_the_block_can_be_encoded_later() {
    let mut decision = some_decisions(1).remove(0);
    decision.client = Some(("mem_ada".to_owned(), None, None));
    let mut writer = SegmentWriter::new(START, 0, 1);
    decision.with(|it| writer.push(it)).unwrap();
    let closed = writer.close_block().unwrap();
    let missing = closed.encode(&keys_of::<&str>(&[]), 0).unwrap_err();
    assert_eq!(missing.subject, "mem_ada");
    let keys = keys_of(&closed.subjects());
    assert_eq!(closed.encode(&keys, 0), closed.encode(&keys, 999));
}

#[test]
fn an_entry_moved_to_another_place_does_not_open() {
    let mut decision = some_decisions(1).remove(0);
    decision.client = Some(("mem_ada".to_owned(), None, Some("curl".to_owned())));
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 0, 1), &[decision], 1);
    let mut block = Block::decode(&lane.blocks[&100]).unwrap();
    block.header.place.lane = 1;
    let mut reader = SegmentReader::default();
    let keys = keys_of(&reader.subjects(&block).unwrap());
    assert!(matches!(reader.read(&block, &keys), Err(ReadError::Forged { .. })));
}

#[test]
fn a_block_whose_entries_are_unknown_is_not_read() {
    let decisions = some_decisions(20);
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 0, 1), &decisions, 10);
    let second = Block::decode(&lane.blocks[&101]).unwrap();
    let mut reader = SegmentReader::default();
    assert_eq!(reader.standing(second.header()), Standing::NeedsEntriesFrom(100));
    assert_eq!(reader.read(&second, &keys_of::<&str>(&[])), Err(ReadError::Gap));
}

/// Splits an encoded block into what is before the directory, the directory, and the bodies.
fn with_directory(bytes: &[u8], change: impl FnOnce(&mut Vec<(u8, u8, Vec<u8>)>)) -> Vec<u8> {
    use super::cursor::{Cursor, put_varint};
    let content = &bytes[..bytes.len() - 8];
    let mut cursor = Cursor::over(content);
    Header::read(&mut cursor).unwrap();
    let mut changed = content[..content.len() - cursor.left()].to_vec();
    let entries: Vec<_> = (0..cursor.varint().unwrap())
        .map(|_| (cursor.byte().unwrap(), cursor.byte().unwrap(), cursor.varint().unwrap()))
        .collect();
    let mut columns: Vec<_> = entries
        .into_iter()
        .map(|(number, encoding, length)| {
            (number, encoding, cursor.take(usize::try_from(length).unwrap()).unwrap().to_vec())
        })
        .collect();
    change(&mut columns);
    put_varint(columns.len() as u64, &mut changed);
    for (number, encoding, body) in &columns {
        changed.extend([*number, *encoding]);
        put_varint(body.len() as u64, &mut changed);
    }
    for (_, _, body) in &columns {
        changed.extend_from_slice(body);
    }
    let sum = checksum(&changed);
    changed.extend_from_slice(&sum);
    changed
}

#[test]
fn an_unknown_column_is_skipped_and_an_absent_one_means_its_default() {
    let mut decisions = some_decisions(1);
    decisions[0].peek = true;
    decisions[0].count = 7;
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 0, 1), &decisions, 1);
    let later = with_directory(&lane.blocks[&100], |columns| {
        let place = columns.partition_point(|it| it.0 < 30);
        columns.insert(place, (30, 77, b"from a later version".to_vec()));
        columns.push((200, 1, vec![5]));
    });
    let rows = lane_of([later]).read(&mut SegmentReader::default(), 0, all);
    assert_eq!(rows, recorded(&decisions));

    let earlier = with_directory(&lane.blocks[&100], |columns| {
        columns.retain(|it| it.0 != 14 && it.0 != 15);
    });
    decisions[0].peek = false;
    decisions[0].count = 1;
    let rows = lane_of([earlier]).read(&mut SegmentReader::default(), 0, all);
    assert_eq!(rows, recorded(&decisions));
}

#[test]
fn columns_out_of_order_are_refused() {
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 0, 1), &some_decisions(1), 1);
    let swapped = with_directory(&lane.blocks[&100], |columns| columns.swap(0, 1));
    assert!(matches!(Block::decode(&swapped), Err(BlockError::Malformed(_))));
}
