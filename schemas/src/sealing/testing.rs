//! What the tests of this module share: an executor of ten lines and repeatable dice.

use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Waker};

use super::{Randomness, RandomnessError};

/// Runs a future that waits for nothing but other polls.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Dice that throw 1, 2, 3, … one value a call.
#[derive(Default)]
pub(super) struct Counting(AtomicU8);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed) + 1);
        Ok(())
    }
}
