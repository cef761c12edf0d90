//! What is remembered is what was committed, or nothing.

use std::collections::HashMap;

use bytes::Bytes;
use proptest::prelude::*;
use rusqlite::Connection;

use super::read_and_learn;
use super::recent::{GENERATION, MOST_BYTES, MOST_RECORDS, Recent};
use crate::ledger::{Leaf, Limit, Position, StoredRecord, StreamName, Version};

const ALL: Limit = Limit { records: usize::MAX, bytes: usize::MAX };

fn a_name(number: u64) -> StreamName {
    StreamName::new(format!("role-{number}"))
}

/// A log of records of one byte, one for each number of a stream.
fn a_log(streams: impl IntoIterator<Item = u64>) -> Vec<StoredRecord> {
    let mut versions = HashMap::new();
    let records = streams.into_iter().zip(1..).map(|(stream, position)| {
        let version: &mut u64 = versions.entry(stream).or_default();
        *version += 1;
        StoredRecord {
            position: Position(position),
            stream: a_name(stream),
            version: Version(*version),
            event_id: [0; 16],
            leaf: Leaf([0; 32]),
            bytes: Bytes::from_static(b"x"),
        }
    });
    records.collect()
}

fn stream_of(log: &[StoredRecord], stream: &StreamName, after: Version) -> Vec<StoredRecord> {
    log.iter().filter(|it| it.stream == *stream && after < it.version).cloned().collect()
}

fn version_in(log: &[StoredRecord], stream: &StreamName) -> Version {
    Version(stream_of(log, stream, Version(0)).len() as u64)
}

proptest! {
    #[test]
    fn what_is_remembered_is_what_was_committed(
        streams in prop::collection::vec(0..4_u64, 0..60),
        begun in 0..60_usize,
        group in 1..9_usize,
        learnt in 0..4_u64,
    ) {
        let log = a_log(streams);
        let begun = begun.min(log.len());
        let (old, new) = log.split_at(begun);
        let start = Position(begun as u64);
        let recent = Recent::new(start);
        // A slow reader saw the file as it was before any of the new records.
        let seen = version_in(old, &a_name(learnt));
        for committed in new.chunks(group) {
            recent.publish(committed.iter().cloned());
            recent.learn(&a_name(learnt), seen, start);
        }
        for stream in (0..4).map(a_name) {
            let last = version_in(&log, &stream);
            prop_assert!(recent.version_of(&stream).is_none_or(|it| it == last));
            for after in (0..=last.0 + 1).map(Version) {
                let known = recent.streams(&[(stream.clone(), after)]).remove(0);
                prop_assert!(known.is_none_or(|it| it == stream_of(&log, &stream, after)));
            }
        }
        for after in 0..=log.len() {
            let page = recent.page(Position(after as u64), Limit { records: 3, bytes: 9 });
            prop_assert_eq!(page.is_some(), begun <= after);
            let promised: Vec<_> = log.iter().skip(after).take(3).cloned().collect();
            prop_assert!(page.is_none_or(|it| it.records == promised));
        }
    }
}

#[test]
fn what_a_reader_saw_before_a_commit_is_not_taken_for_what_is_now() {
    let log = a_log([1, 1, 2]);
    let recent = Recent::new(Position(1));
    recent.publish(log[1..].iter().cloned());
    recent.learn(&a_name(1), Version(1), Position(1));
    assert_eq!(recent.version_of(&a_name(1)), Some(Version(2)));
    recent.learn(&a_name(3), Version(7), Position(1));
    assert_eq!(recent.version_of(&a_name(3)), Some(Version(7)));
    // This read began before anything that is remembered.
    recent.learn(&a_name(4), Version(7), Position(0));
    assert_eq!(recent.version_of(&a_name(4)), None);
}

#[test]
fn a_stream_that_does_not_exist_is_asked_of_the_file_once() {
    let file = Connection::open_in_memory().unwrap();
    file.execute_batch(include_str!("schema.sql")).unwrap();
    let (recent, absent) = (Recent::new(Position(0)), a_name(1));
    assert_eq!(read_and_learn(&file, &absent, Version(0), &recent), Ok(vec![]));
    assert_eq!(recent.streams(&[(absent.clone(), Version(0))]), [Some(vec![])]);
    let log = a_log([1]);
    recent.publish(log.iter().cloned());
    assert_eq!(recent.streams(&[(absent, Version(0))]), [Some(log)]);
}

#[test]
fn more_records_than_the_bound_push_out_the_oldest() {
    let log = a_log(vec![1; MOST_RECORDS + 10]);
    let recent = Recent::new(Position(0));
    recent.publish(log.into_iter());
    assert_eq!(recent.page(Position(9), ALL), None);
    assert_eq!(recent.page(Position(10), ALL).unwrap().records.len(), MOST_RECORDS);
}

#[test]
fn more_bytes_than_the_bound_push_out_the_oldest() {
    let mut log = a_log([1, 1, 1]);
    for record in &mut log {
        record.bytes = Bytes::from(vec![0; MOST_BYTES / 2]);
    }
    let recent = Recent::new(Position(0));
    recent.publish(log.into_iter());
    assert_eq!(recent.page(Position(0), ALL), None);
    assert_eq!(recent.page(Position(1), ALL).unwrap().records.len(), 2);
    let stream = |after| recent.streams(&[(a_name(1), Version(after))]).remove(0);
    assert_eq!(stream(0), None);
    assert_eq!(stream(1).unwrap().len(), 2);
    assert_eq!(recent.version_of(&a_name(1)), Some(Version(3)));
}

#[test]
fn versions_of_streams_not_used_for_long_are_forgotten() {
    let streams = 2 * GENERATION as u64 + 1;
    let recent = Recent::new(Position(0));
    recent.publish(a_log(0..streams).into_iter());
    assert_eq!(recent.version_of(&a_name(0)), None);
    assert_eq!(recent.version_of(&a_name(streams - 1)), Some(Version(1)));
    let known = (0..streams).filter(|it| recent.version_of(&a_name(*it)).is_some()).count();
    assert!((GENERATION..=2 * GENERATION).contains(&known), "{known} versions are known");
}
