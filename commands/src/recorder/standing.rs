//! How the recorder stands: what every request looks at, in atomics, and what went wrong, said once per cause.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use domain::time::Timestamp;
use parking_lot::Mutex;

use super::{MOST_LACKING, MOST_WAITING};

/// What stands for an instant while everything is durable.
const NOTHING: i64 = i64::MAX;

/// Why no decision may be made, or why one is not known to be durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// The oldest decision that is not durable is too old.
    #[error("decisions have not been durable for {lacking_ms} ms{}", because(why.as_ref()))]
    Behind {
        /// For how long.
        lacking_ms: i64,
        /// What stands in the way, where that is known.
        why: Option<String>,
    },
    /// Too much waits to be written.
    #[error("{bytes} bytes of decisions wait to be written{}", because(why.as_ref()))]
    TooMuch {
        /// How much.
        bytes: usize,
        /// What stands in the way, where that is known.
        why: Option<String>,
    },
    /// A decision was made, and is not durable in time.
    #[error("a decision is not durable in time{}", because(why.as_ref()))]
    NotInTime {
        /// What stands in the way, where that is known.
        why: Option<String>,
    },
    /// Something is wrong that time does not mend; the text says what.
    #[error("decisions cannot be recorded any more: {0}")]
    Broken(String),
    /// The recorder has stopped.
    #[error("the recorder has stopped")]
    Stopped,
}

fn because(why: Option<&String>) -> String {
    why.map(|it| format!(": {it}")).unwrap_or_default()
}

/// Shared by those who record and the one who writes.
pub(super) struct Standing {
    /// Time of the oldest decision that is not durable, in microseconds, or [`NOTHING`].
    oldest_us: AtomicI64,
    /// Bytes that wait to be written.
    waiting: AtomicUsize,
    is_closed: AtomicBool,
    /// Whether there is any trouble, so that the good case takes no lock.
    is_troubled: AtomicBool,
    trouble: Mutex<Option<String>>,
    broken: Mutex<Option<String>>,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            oldest_us: AtomicI64::new(NOTHING),
            waiting: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            is_troubled: AtomicBool::new(false),
            trouble: Mutex::default(),
            broken: Mutex::default(),
        }
    }
}

impl Standing {
    pub(super) fn admit(&self, now: Timestamp) -> Result<(), Unready> {
        let lacking = now.micros().saturating_sub(self.oldest_us.load(Ordering::Relaxed));
        let bytes = self.waiting.load(Ordering::Relaxed);
        if lacking <= MOST_LACKING.micros()
            && bytes <= MOST_WAITING
            && !self.is_closed.load(Ordering::Relaxed)
        {
            return Ok(());
        }
        Err(self.refusal(lacking, bytes))
    }

    #[cold]
    fn refusal(&self, lacking: i64, bytes: usize) -> Unready {
        if let Some(why) = self.broken.lock().clone() {
            return Unready::Broken(why);
        }
        if self.is_closed.load(Ordering::Relaxed) {
            return Unready::Stopped;
        }
        let why = self.trouble();
        if MOST_WAITING < bytes {
            return Unready::TooMuch { bytes, why };
        }
        Unready::Behind { lacking_ms: lacking / 1_000, why }
    }

    /// Notes what is the oldest now; whoever does so holds the desk.
    pub(super) fn set_oldest(&self, oldest_us: Option<i64>) {
        self.oldest_us.store(oldest_us.unwrap_or(NOTHING), Ordering::Relaxed);
    }

    pub(super) fn lacks_nothing(&self) -> bool {
        self.oldest_us.load(Ordering::Relaxed) == NOTHING
    }

    pub(super) fn set_waiting(&self, bytes: usize) {
        self.waiting.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// What stands in the way at the moment.
    pub(super) fn trouble(&self) -> Option<String> {
        if self.is_troubled.load(Ordering::Relaxed) { self.trouble.lock().clone() } else { None }
    }

    /// Notes what went wrong; said once while it stays the same.
    pub(super) fn note_trouble(&self, why: String) {
        let mut trouble = self.trouble.lock();
        if trouble.as_ref() != Some(&why) {
            tracing::error!(error = why, "decisions cannot be recorded at the moment; it is tried again");
            *trouble = Some(why);
            self.is_troubled.store(true, Ordering::Relaxed);
        }
    }

    /// Notes that it goes well.
    pub(super) fn note_well(&self) {
        if self.is_troubled.swap(false, Ordering::Relaxed) {
            *self.trouble.lock() = None;
            tracing::info!("decisions are recorded again");
        }
    }

    /// Notes what no time mends: nothing is admitted any more.
    pub(super) fn note_broken(&self, why: String) {
        let mut broken = self.broken.lock();
        if broken.is_none() {
            tracing::error!(error = why, "decisions cannot be recorded any more; start the service again");
            *broken = Some(why);
        }
        self.close();
    }

    pub(super) fn broken(&self) -> Option<String> {
        self.broken.lock().clone()
    }
}
