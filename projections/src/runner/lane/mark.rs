//! What a checkpoint of a lane holds besides the place: the greatest sequence read of each node start, since a
//! block that was appended twice may lie on both sides of the place.
//!
//! For each node start its 8 bytes, then the sequence as 8 bytes, big endian; the one read last at the end.

use bytes::Bytes;
use eventlog::usage::Place;
use schemas::usage::NodeStart;

use crate::runner::Checkpoint;
use crate::usage_feed::Mark;

/// The most node starts that are remembered.
const MOST: usize = 1_024;

const START: usize = 8;
const EACH: usize = 16;

/// The same, with that sequence read too.
pub(super) fn remember(has_read: &Bytes, (start, sequence): (NodeStart, u64)) -> Bytes {
    let others: Vec<&[u8]> = has_read.chunks_exact(EACH).filter(|it| !it.starts_with(&start.0)).collect();
    let kept = others.iter().skip((others.len() + 1).saturating_sub(MOST));
    let mut bytes = Vec::with_capacity(has_read.len() + EACH);
    kept.for_each(|it| bytes.extend_from_slice(it));
    bytes.extend_from_slice(&start.0);
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.into()
}

/// Where a reader goes on from there.
pub(super) fn mark(checkpoint: &Checkpoint) -> Mark {
    let has_read = checkpoint.resume.chunks_exact(EACH).filter_map(|it| {
        let (start, sequence) = it.split_at_checked(START)?;
        Some((NodeStart(start.try_into().ok()?), u64::from_be_bytes(sequence.try_into().ok()?)))
    });
    Mark { place: Place(checkpoint.position.0), has_read: has_read.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sequence_of_each_node_start_is_remembered_the_latest_at_the_end() {
        let starts = [(1, 7), (2, 0), (1, 8), (3, 2)];
        let bytes = starts.iter().fold(Bytes::new(), |bytes, (start, sequence)| {
            remember(&bytes, (NodeStart([*start; 8]), *sequence))
        });
        let read = mark(&Checkpoint { resume: bytes, ..Checkpoint::START }).has_read;
        assert_eq!(read, [(NodeStart([2; 8]), 0), (NodeStart([1; 8]), 8), (NodeStart([3; 8]), 2)]);
    }

    #[test]
    fn no_more_node_starts_are_remembered_than_a_reader_knows() {
        let start = |it: u64| NodeStart(it.to_be_bytes());
        let bytes = (0..1_030).fold(Bytes::new(), |bytes, it| remember(&bytes, (start(it), it)));
        let read = mark(&Checkpoint { resume: bytes, ..Checkpoint::START }).has_read;
        assert_eq!((read.len(), read.first().copied()), (1_024, Some((start(6), 6))));
    }
}
