//! Where keys and nonces come from.

use parking_lot::Mutex;

/// The random source gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("the random source failed: {0}")]
pub struct RandomnessError(pub String);

/// A source of bytes that nobody can predict; an argument, so that tests can repeat themselves.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` wholly.
    ///
    /// # Errors
    /// When the source gives nothing; `bytes` must then not be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError>;
}

/// The operating system's random source.
pub struct OsRandomness;

impl Randomness for OsRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        getrandom::fill(bytes).map_err(|err| RandomnessError(err.to_string()))
    }
}

/// From this length on bytes may be a secret or a key.
const SECRET_BYTES: usize = 32;

/// How much is drawn ahead: some fifty nonces.
const AHEAD_BYTES: usize = 1_024;

/// The operating system's random source, asked once for many nonces and ids.
///
/// They are drawn 1 KiB ahead, which is one system call instead of fifty; each byte is the system's, and given out
/// once. Nonces and ids are no secrets: they stand in clear in the record. What may be a secret, 32 bytes or more, is
/// drawn when it is asked for, so that none lies in memory before its time.
///
/// Nothing is drawn ahead for a process that is forked from this one; Counterfoil never forks without exec.
pub struct NoncesAhead {
    ahead: Mutex<Ahead>,
}

struct Ahead {
    bytes: [u8; AHEAD_BYTES],
    used: usize,
}

impl Default for NoncesAhead {
    /// Nothing is drawn yet.
    fn default() -> Self {
        Self { ahead: Mutex::new(Ahead { bytes: [0; AHEAD_BYTES], used: AHEAD_BYTES }) }
    }
}

impl Randomness for NoncesAhead {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        if SECRET_BYTES <= bytes.len() {
            return OsRandomness.fill(bytes);
        }
        self.ahead.lock().give(bytes)
    }
}

impl Ahead {
    fn give(&mut self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        if AHEAD_BYTES < self.used + bytes.len() {
            // Should the source fail, what is there is used up all the same.
            self.used = AHEAD_BYTES;
            OsRandomness.fill(&mut self.bytes)?;
            self.used = 0;
        }
        for (to, from) in bytes.iter_mut().zip(self.bytes.iter().skip(self.used)) {
            *to = *from;
        }
        self.used += bytes.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_operating_system_never_gives_the_same_twice() {
        let (mut one, mut other) = ([0; 32], [0; 32]);
        OsRandomness.fill(&mut one).unwrap();
        OsRandomness.fill(&mut other).unwrap();
        assert!(one != other && one != [0; 32]);
    }

    #[test]
    fn what_is_drawn_ahead_is_given_out_once_and_drawn_again_when_it_is_used_up() {
        let (source, mut seen) = (NoncesAhead::default(), HashSet::new());
        for length in (8..SECRET_BYTES).cycle().take(2_000) {
            let mut bytes = vec![0; length];
            source.fill(&mut bytes).unwrap();
            for part in bytes.windows(8) {
                assert!(seen.insert(<[u8; 8]>::try_from(part).unwrap()), "eight bytes came twice");
            }
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not_drawn_ahead() {
        let source = NoncesAhead::default();
        let mut secret = [0; SECRET_BYTES];
        source.fill(&mut secret).unwrap();
        assert!(secret != [0; SECRET_BYTES] && source.ahead.lock().used == AHEAD_BYTES);
        source.fill(&mut [0; 24]).unwrap();
        assert_eq!(source.ahead.lock().used, 24);
    }
}
