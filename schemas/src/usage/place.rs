//! Where things lie in a lane, and the nonces that follow from it.

use domain::subject::{Day, Subject};
use domain::time::Timestamp;
pub use domain::usage_gap::NodeStart;

use super::decision::Decision;

/// One segment: what one start of a node writes to one lane for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SegmentPlace {
    /// The node start that writes it.
    pub node_start: NodeStart,
    /// The lane it is written to.
    pub lane: u16,
    /// 0, 1, 2 … for one node start and lane.
    pub segment: u32,
}

const CLIENT: u8 = 1;
const TEXTS: u8 = 2;

impl SegmentPlace {
    /// Nonce of the sealed entry of the client `number` of this segment.
    pub(super) fn client_nonce(&self, number: u32) -> [u8; 24] {
        self.nonce(CLIENT, u64::from(number))
    }

    /// Nonce of the texts of subject `subject` in the segment's block `index`.
    pub(super) fn texts_nonce(&self, index: u32, subject: u32) -> [u8; 24] {
        self.nonce(TEXTS, u64::from(index) << 32 | u64::from(subject))
    }

    /// `node start (8) ‖ lane (2) ‖ segment (4) ‖ kind (1) ‖ 0 ‖ number (8)`, big endian.
    fn nonce(&self, kind: u8, number: u64) -> [u8; 24] {
        let mut nonce = [0; 24];
        let parts = (self.node_start.0.into_iter())
            .chain(self.lane.to_be_bytes())
            .chain(self.segment.to_be_bytes())
            .chain([kind, 0])
            .chain(number.to_be_bytes());
        nonce.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        nonce
    }
}

const DAY_US: i64 = 86_400_000_000;

/// The day of an instant (microseconds since 1970 UTC), counted from 1970-01-01.
pub fn day_of(time_us: i64) -> i64 {
    time_us.div_euclid(DAY_US)
}

/// The subject of a client whom nobody knows, on the day of `time_us` (microseconds since 1970
/// UTC): `unauthenticated/2026-11-24`. Such clients are erased by the day.
pub fn unauthenticated(time_us: i64) -> String {
    Subject::Unauthenticated(Day::of(Timestamp::from_micros(time_us))).to_string()
}

/// The subject under which the texts of a decision are sealed, where that is named.
pub(super) fn subject_of_texts<'a>(decision: &Decision<'a>) -> Option<&'a str> {
    decision.organization.map(|it| it.subject).or(decision.client.map(|it| it.subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_of_a_segment_differ_by_kind_and_number() {
        let place = SegmentPlace { node_start: NodeStart([0xaa; 8]), lane: 0x0102, segment: 3 };
        let mut expected = vec![0xaa; 8];
        expected.extend([1, 2, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(place.client_nonce(9).to_vec(), expected);
        expected.splice(14.., [2, 0, 0, 0, 0, 4, 0, 0, 0, 9]);
        assert_eq!(place.texts_nonce(4, 9).to_vec(), expected);
    }

    #[test]
    fn unknown_clients_belong_to_the_day() {
        assert_eq!(unauthenticated(1_795_540_000_000_000), "unauthenticated/2026-11-24");
        let midnight = 1_795_564_800_000_000;
        assert_eq!(unauthenticated(midnight - 1), "unauthenticated/2026-11-24");
        assert_eq!(unauthenticated(midnight), "unauthenticated/2026-11-25");
        // No ledger time is outside these years.
        assert_eq!(unauthenticated(-1), "unauthenticated/1970-01-01");
        assert_eq!(unauthenticated(i64::MAX), "unauthenticated/9999-12-31");
    }
}
