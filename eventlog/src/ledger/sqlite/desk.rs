//! What a reading thread is busy with, so that just this can be broken off.

use parking_lot::Mutex;
use rusqlite::{Connection, InterruptHandle};

/// Beside each reading thread.
pub(super) struct Desk {
    current: Mutex<Option<u64>>,
    interrupt: InterruptHandle,
}

impl Desk {
    /// For the thread that will own the connection.
    pub(super) fn beside(connection: &Connection) -> Self {
        Self { current: Mutex::new(None), interrupt: connection.get_interrupt_handle() }
    }

    /// Does a job on the thread's own connection.
    pub(super) fn work(&self, number: u64, job: impl FnOnce()) {
        *self.current.lock() = Some(number);
        job();
        *self.current.lock() = None;
    }

    /// Breaks that job off, if it is the one being done.
    pub(super) fn break_off(&self, number: u64) {
        // Held meanwhile: the thread cannot move on to somebody else's job.
        let current = self.current.lock();
        if *current == Some(number) {
            self.interrupt.interrupt();
        }
    }
}
