//! Bytes that nobody here wrote: decoding ends, in bounded memory, without a panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::block::checksum;
use super::testing::*;
use super::*;

/// Bytes of a block with whatever content, but with a checksum that holds.
fn resealed(mut content: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&content);
    content.extend_from_slice(&sum);
    content
}

/// Does with bytes all that a reader would do.
fn read_all(bytes: &[u8]) {
    let Ok(block) = Block::decode(bytes) else {
        return;
    };
    let mut reader = SegmentReader::default();
    if let Ok(subjects) = reader.subjects(&block) {
        let _ = reader.learn(&block, &keys_of(&subjects));
    }
    let mut reader = SegmentReader::default();
    let _ = reader.read(&block, &keys_of::<&str>(&[]));
}

#[derive(Debug, Clone)]
enum Mutation {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        1 => any::<Index>().prop_map(Mutation::Remove),
        1 => any::<Index>().prop_map(Mutation::Cut),
    ]
}

fn mutate(content: &mut Vec<u8>, mutation: &Mutation) {
    if content.is_empty() {
        return;
    }
    match mutation {
        Mutation::Set(at, byte) => *at.get_mut(content) = *byte,
        Mutation::Insert(at, byte) => content.insert(at.index(content.len()), *byte),
        Mutation::Remove(at) => drop(content.remove(at.index(content.len()))),
        Mutation::Cut(at) => content.truncate(at.index(content.len())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_decode_without_a_panic(mut content: Vec<u8>, first_is_known: bool) {
        if let (true, Some(first)) = (first_is_known, content.first_mut()) {
            *first = 1;
        }
        read_all(&content);
        read_all(&resealed(content));
    }

    #[test]
    fn a_mutated_block_with_a_true_checksum_reads_without_a_panic(
        decisions in vec(decision(), 1..12), mutations in vec(mutation(), 1..6), block in 0_u64..2,
    ) {
        let mut lane = Lane::default();
        lane.write(&mut SegmentWriter::new(START, 3, 1), &decisions, 6);
        let mut content = lane.blocks.remove(&(100 + block)).unwrap_or_default();
        content.truncate(content.len().saturating_sub(8));
        for mutation in &mutations {
            mutate(&mut content, mutation);
        }
        read_all(&resealed(content));
    }
}

#[test]
fn each_byte_of_a_block_set_to_each_value_reads_without_a_panic() {
    let decisions = some_decisions(8);
    let mut lane = Lane::default();
    lane.write(&mut SegmentWriter::new(START, 3, 1), &decisions, 8);
    let mut content = lane.blocks.remove(&100).unwrap();
    content.truncate(content.len() - 8);
    for place in 0..content.len() {
        for value in [0, 1, 3, 0x7f, 0x82, 0xff] {
            let mut altered = content.clone();
            altered[place] = value;
            read_all(&resealed(altered));
        }
    }
}

#[test]
fn a_block_that_says_it_is_huge_is_refused() {
    let mut content = vec![1];
    content.extend([0; 8]);
    content.extend([0; 9]);
    content.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
    content.extend([0; 20]);
    assert_eq!(Block::decode(&resealed(content)), Err(BlockError::TooLarge));
    assert_eq!(Block::decode(&vec![1; (1 << 20) + 1]), Err(BlockError::TooLarge));
}
