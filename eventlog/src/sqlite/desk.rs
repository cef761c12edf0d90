//! What a reading thread is busy with, so that just this can be broken off.

use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, InterruptHandle};

/// What a reading thread reads from.
pub(crate) trait Reading: Send + 'static {
    /// The way to break off what is being read, from another thread.
    fn break_off(&self) -> BreakOff;
}

impl Reading for Connection {
    fn break_off(&self) -> BreakOff {
        BreakOff::of(self)
    }
}

/// Breaks off a statement that runs on the connection it points to.
#[derive(Clone, Default)]
pub(crate) struct BreakOff(Arc<Mutex<Option<InterruptHandle>>>);

impl BreakOff {
    fn of(connection: &Connection) -> Self {
        let way = Self::default();
        way.point_to(connection);
        way
    }

    /// Points to another connection from now on.
    pub(crate) fn point_to(&self, connection: &Connection) {
        *self.0.lock() = Some(connection.get_interrupt_handle());
    }

    fn interrupt(&self) {
        if let Some(handle) = &*self.0.lock() {
            handle.interrupt();
        }
    }
}

/// Beside each reading thread.
pub(crate) struct Desk {
    current: Mutex<Option<u64>>,
    way: BreakOff,
}

impl Desk {
    /// For the thread that will own what is read from.
    pub(crate) fn beside(source: &impl Reading) -> Self {
        Self { current: Mutex::new(None), way: source.break_off() }
    }

    /// Does a job on the thread's own source.
    pub(crate) fn work(&self, number: u64, job: impl FnOnce()) {
        *self.current.lock() = Some(number);
        job();
        *self.current.lock() = None;
    }

    /// Breaks that job off, if it is the one being done.
    pub(crate) fn break_off(&self, number: u64) {
        // Held meanwhile: the thread cannot move on to somebody else's job.
        let current = self.current.lock();
        if *current == Some(number) {
            self.way.interrupt();
        }
    }
}
