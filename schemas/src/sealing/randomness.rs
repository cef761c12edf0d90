//! Where keys and nonces come from.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operating_system_never_gives_the_same_twice() {
        let (mut one, mut other) = ([0; 32], [0; 32]);
        OsRandomness.fill(&mut one).unwrap();
        OsRandomness.fill(&mut other).unwrap();
        assert!(one != other && one != [0; 32]);
    }
}
