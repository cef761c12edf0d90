//! How many bytes a decision takes, measured and held.

use super::testing::*;
use super::*;

mod access_log;
mod uniform;

/// Bytes of the blocks and number of decisions.
struct Measured {
    bytes: usize,
    blocks: usize,
    decisions: usize,
}

impl Measured {
    fn each(&self) -> f64 {
        let exact = |it: usize| f64::from(u32::try_from(it).unwrap());
        exact(self.bytes) / exact(self.decisions)
    }

    fn say(&self, what: &str) {
        let (each, rows) = (self.each(), self.decisions / self.blocks.max(1));
        println!("{what}: {each:.1} bytes a decision, {} blocks of {rows} rows", self.blocks);
    }
}

/// A writer that keeps only the lengths of what it would append.
struct Scales {
    writer: SegmentWriter,
    measured: Measured,
}

impl Scales {
    fn new() -> Self {
        Self {
            writer: SegmentWriter::new(START, 0, 1),
            measured: Measured { bytes: 0, blocks: 0, decisions: 0 },
        }
    }

    fn push(&mut self, decision: &Decision<'_>) {
        // A recorder closes an idle block by its clock.
        if self.writer.closes_at_us().is_some_and(|it| it <= decision.time_us) {
            self.close();
        }
        if self.writer.push(decision).unwrap() == BlockState::Full {
            self.close();
        }
        self.measured.decisions += 1;
    }

    fn close(&mut self) {
        let Some(closed) = self.writer.close_block() else {
            return;
        };
        let keys = keys_of(&closed.subjects());
        self.measured.bytes += closed.encode(&keys, 20_781 << 32).unwrap().len();
        self.measured.blocks += 1;
    }

    fn take(&mut self) -> Measured {
        self.close();
        std::mem::replace(&mut self.measured, Measured { bytes: 0, blocks: 0, decisions: 0 })
    }
}

/// Small, repeatable randomness (xorshift64*).
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.throw() % limit as u64).unwrap()
    }

    fn bytes(&mut self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.throw().to_le_bytes();
        [a, b, c, d]
    }

    fn id(&mut self) -> u128 {
        u128::from(self.throw()) << 64 | u128::from(self.throw())
    }

    /// A name as the domain spells it: prefix and 22 base62 characters.
    fn name(&mut self, prefix: &str) -> String {
        let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut name = prefix.to_owned();
        name.extend((0..22).map(|_| char::from(digits[self.below(62)])));
        name
    }
}
